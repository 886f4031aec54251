-- What a stream run wrote since a time, table by table. Percentiles of ten seconds each cannot be merged: the
-- middle one of the medians and the worst of the 99ths stand for them.
SELECT dataset, sum(rows)::bigint AS rows, sum(dropped)::bigint AS dropped,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY received_p50_ms) AS received_p50_ms,
    max(received_p99_ms) AS received_p99_ms,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY queryable_p50_ms) AS queryable_p50_ms,
    max(queryable_p99_ms) AS queryable_p99_ms
FROM stream_latency
WHERE run_id = %(run_id)s AND ts >= %(since)s
GROUP BY dataset
ORDER BY dataset
