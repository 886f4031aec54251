-- Venue-days with candles that the stream brought since a moment, of some instruments. They are minutes old at most.
SELECT DISTINCT i.venue, (c.ts AT TIME ZONE 'UTC')::date AS day
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
WHERE c.instrument_id = ANY (%(instrument_ids)s) AND c.ts > %(since)s - INTERVAL '10 minutes'
    AND c.received_at > %(since)s AND s.source = 'stream'
