-- How both providers agreed in a window ($1 to $2): rows that could be compared, and the middle of their distances.
SELECT count(*) AS compared, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(btc_dominance_gap)) AS gap,
    count(*) FILTER (WHERE agreement < 0.5) AS apart
FROM market_metrics WHERE ts >= $1 AND ts < $2 AND agreement IS NOT NULL
