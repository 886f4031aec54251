-- Bars at their close.
SELECT b.instrument_id, extract(epoch FROM b.ts + t.length)::double precision AS ts,
    extract(epoch FROM b.ts + t.length)::double precision AS known_at,
    b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.close / nullif(b.open, 0) - 1 AS change
FROM bars AS b
JOIN timeframes AS t USING (timeframe_id)
WHERE b.instrument_id = ANY(%(instruments)s::integer[]) AND b.timeframe_id = %(timeframe_id)s::smallint
    AND b.ts > %(after)s::timestamptz - %(length)s::interval AND b.ts <= %(until)s::timestamptz - %(length)s::interval
