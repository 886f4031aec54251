CREATE OR REPLACE VIEW freshness AS
SELECT i.venue, i.symbol, b.ts AS newest, extract(epoch FROM now() - b.ts - INTERVAL '1 minute')::double precision AS age_seconds,
    i.instrument_id
FROM instruments AS i
LEFT JOIN LATERAL (
    SELECT ts FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1
) AS b ON true
WHERE i.tracked AND (i.delisted_at IS NULL OR i.delisted_at > now());
COMMENT ON VIEW freshness IS 'Age of the newest 1m candle of every tracked, still traded symbol, counted from its close.';
COMMENT ON COLUMN freshness.venue IS 'Venue.';
COMMENT ON COLUMN freshness.symbol IS 'Unified symbol.';
COMMENT ON COLUMN freshness.newest IS 'Open time of the newest 1m candle; null when there is none.';
COMMENT ON COLUMN freshness.age_seconds IS 'Seconds since that candle closed.';
COMMENT ON COLUMN freshness.instrument_id IS 'Key of the instrument, for joins.';
