CREATE OR REPLACE VIEW ingest_latency AS
SELECT i.venue, i.symbol, c.ts, s.source, c.ts + INTERVAL '1 minute' AS closed_at, c.received_at,
    extract(epoch FROM c.received_at - c.ts - INTERVAL '1 minute')::double precision AS seconds_after_close,
    c.instrument_id, a.venue_at, a.queryable_at,
    extract(epoch FROM a.queryable_at - c.ts - INTERVAL '1 minute')::double precision AS queryable_after_close
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
LEFT JOIN candle_arrivals AS a ON a.instrument_id = c.instrument_id AND a.ts = c.ts
WHERE c.received_at < c.ts + INTERVAL '11 minutes' AND c.ts >= i.tracked_at;
COMMENT ON VIEW ingest_latency IS 'How long after its close each live 1m candle reached us and could be read.';
COMMENT ON COLUMN ingest_latency.venue IS 'Venue.';
COMMENT ON COLUMN ingest_latency.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ingest_latency.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ingest_latency.source IS 'Source it came from.';
COMMENT ON COLUMN ingest_latency.closed_at IS 'When the candle closed.';
COMMENT ON COLUMN ingest_latency.received_at IS 'When it reached us.';
COMMENT ON COLUMN ingest_latency.seconds_after_close IS 'Seconds from its close until it reached us.';
COMMENT ON COLUMN ingest_latency.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN ingest_latency.venue_at IS 'When the venue sent it, by its own clock; null where it does not tell, and for candles that no stream run brought.';
COMMENT ON COLUMN ingest_latency.queryable_at IS 'When it could first be read; null for candles that no stream run brought.';
COMMENT ON COLUMN ingest_latency.queryable_after_close IS 'Seconds from its close until it could first be read.';
