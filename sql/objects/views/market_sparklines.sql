-- For small lines of all symbols at once: a day of 1h bars is read once, hours without a bar stay in their place.
CREATE OR REPLACE VIEW market_sparklines AS
SELECT i.venue, i.symbol, h.first_hour AS ts, array_agg(b.close ORDER BY h.hour) AS closes, i.instrument_id
FROM instruments AS i
CROSS JOIN (
    SELECT bar_start(INTERVAL '1 hour', now()) - n * INTERVAL '1 hour' AS hour,
        bar_start(INTERVAL '1 hour', now()) - INTERVAL '24 hours' AS first_hour
    FROM generate_series(0, 24) AS n
) AS h
LEFT JOIN (
    SELECT instrument_id, ts, close FROM ohlcv_1h WHERE ts > now() - INTERVAL '26 hours'
) AS b ON b.instrument_id = i.instrument_id AND b.ts = h.hour
WHERE i.tracked AND (i.delisted_at IS NULL OR i.delisted_at > now())
GROUP BY i.venue, i.symbol, i.instrument_id, h.first_hour;
COMMENT ON VIEW market_sparklines IS 'Hourly closes of the last day of every tracked symbol, the hour that is forming included.';
COMMENT ON COLUMN market_sparklines.venue IS 'Venue.';
COMMENT ON COLUMN market_sparklines.symbol IS 'Unified symbol.';
COMMENT ON COLUMN market_sparklines.ts IS 'Open time of the first of the 25 hours.';
COMMENT ON COLUMN market_sparklines.closes IS 'Close of each hour, in quote units, oldest first; null where the hour has no bar.';
COMMENT ON COLUMN market_sparklines.instrument_id IS 'Key of the instrument, for joins.';
