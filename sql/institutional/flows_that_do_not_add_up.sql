-- By coin: days of [$1, $2) whose funds are not their total, by more than $3 USD.
WITH newest AS (
    SELECT DISTINCT ON (provider, asset, fund, ts) provider, asset, fund, ts, flow_usd
    FROM etf_flows
    WHERE ts >= $1 AND ts < $2
    ORDER BY provider, asset, fund, ts, revision DESC
), days AS (
    SELECT asset, ts, sum(flow_usd) FILTER (WHERE fund <> 'all') AS funds, sum(flow_usd) FILTER (WHERE fund = 'all') AS total
    FROM newest
    GROUP BY provider, asset, ts
)
SELECT asset, count(*) AS days, count(*) FILTER (WHERE abs(funds - total) > $3::double precision) AS amiss
FROM days
GROUP BY asset
ORDER BY asset
