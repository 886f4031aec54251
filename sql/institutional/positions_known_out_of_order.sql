-- By contract and report: rows of [$1, $2) known before an older week was, or before the revision before them was.
WITH firsts AS (
    SELECT contract, report, ts, min(known_at) AS known_at
    FROM institutional_positions
    WHERE ts >= $1 AND ts < $2 AND revision = 0
    GROUP BY contract, report, ts
), weeks AS (
    SELECT contract, report,
        count(*) FILTER (WHERE known_at < before) AS known_too_soon
    FROM (
        SELECT *, max(known_at) OVER (
                PARTITION BY contract, report ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS before
        FROM firsts
    ) AS f
    GROUP BY contract, report
), revisions AS (
    SELECT contract, report, count(*) FILTER (WHERE known_at < before) AS revision_too_soon
    FROM (
        SELECT contract, report, known_at,
            lag(known_at) OVER (PARTITION BY contract, report, trader_group, ts ORDER BY revision) AS before
        FROM institutional_positions
        WHERE ts >= $1 AND ts < $2
    ) AS r
    GROUP BY contract, report
)
SELECT contract, report, known_too_soon, revision_too_soon
FROM weeks
JOIN revisions USING (contract, report)
ORDER BY contract, report
