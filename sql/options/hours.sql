-- Hours that the index has in a window ($2 to $3), of each series that has any, and how many there are.
SELECT series, count(*) AS hours,
    (extract(EPOCH FROM least($3::timestamptz, date_trunc('hour', now(), 'UTC')) - $2::timestamptz) / 3600)::bigint
    - count(*) AS without_row
FROM volatility_index_candles
WHERE provider = $1 AND ts >= $2 AND ts < $3
GROUP BY series
