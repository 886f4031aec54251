-- Signals, each until it expires.
SELECT s.instrument_id, extract(epoch FROM s.known_at)::double precision AS ts,
    extract(epoch FROM s.known_at)::double precision AS known_at,
    extract(epoch FROM s.expires_at)::double precision AS expires_at, s.signal, s.score, s.confidence,
    CASE WHEN s.signal LIKE '%%buy' THEN 'long' WHEN s.signal LIKE '%%sell' THEN 'short' ELSE 'none' END AS side
FROM signals AS s
JOIN timeframes AS t USING (timeframe)
WHERE s.instrument_id = ANY(%(instruments)s::integer[]) AND t.timeframe_id = %(timeframe_id)s::smallint
    AND s.known_at > %(after)s AND s.known_at <= %(until)s
