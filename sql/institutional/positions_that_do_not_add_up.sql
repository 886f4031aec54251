-- By contract and report: weeks of [$1, $2) whose groups are not the open interest, beyond $3 (futures) or $4 (combined).
WITH sums AS (
    SELECT provider, report, contract, ts, max(open_interest) AS open_interest,
        sum(long_contracts + coalesce(spread_contracts, 0)) AS longs,
        sum(short_contracts + coalesce(spread_contracts, 0)) AS shorts,
        CASE report WHEN 'futures' THEN $3::bigint ELSE $4::bigint END AS rounding
    FROM (
        SELECT DISTINCT ON (provider, report, contract, trader_group, ts) *
        FROM institutional_positions
        WHERE ts >= $1 AND ts < $2
        ORDER BY provider, report, contract, trader_group, ts, revision DESC
    ) AS newest
    GROUP BY provider, report, contract, ts
)
SELECT contract, report, count(*) AS weeks,
    count(*) FILTER (WHERE abs(longs - open_interest) > rounding) AS longs_amiss,
    count(*) FILTER (WHERE abs(shorts - open_interest) > rounding) AS shorts_amiss
FROM sums
GROUP BY contract, report
ORDER BY contract, report
