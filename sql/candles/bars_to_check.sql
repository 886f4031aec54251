-- Bars of some venues ($1) in a window ($2 to $3) of a timeframe ($4), at most $5. {relation} is the timeframe's, {bars} how
-- many candles are in a bar.
SELECT b.instrument_id, b.ts, b.open, b.high, b.low, b.close, b.volume, {bars} AS bars,
    (extract(epoch FROM b.ts - bar_start(t.length, b.ts)) * 1000000)::bigint AS off_grid
FROM {relation} AS b
JOIN instruments AS i USING (instrument_id)
CROSS JOIN timeframes AS t
WHERE i.venue = ANY ($1::text[]) AND b.ts >= $2 AND b.ts < $3 AND t.timeframe = $4
LIMIT $5
