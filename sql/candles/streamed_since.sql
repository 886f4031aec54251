-- Venue-days with candles that the stream brought since a moment of each instrument. They are minutes old at most.
SELECT DISTINCT i.venue, (c.ts AT TIME ZONE 'UTC')::date AS day
FROM unnest(%(instrument_ids)s::integer[], %(since)s::timestamptz[]) AS w (instrument_id, since)
JOIN instruments AS i USING (instrument_id)
JOIN ohlcv_1m AS c ON c.instrument_id = w.instrument_id AND c.ts > w.since - INTERVAL '10 minutes'
    AND c.received_at > w.since
JOIN sources AS s ON s.source_id = c.source_id AND s.source = 'stream'
