CREATE OR REPLACE VIEW ohlcv_live AS
SELECT i.venue, i.symbol, c.ts, c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades, c.taker_buy_volume,
    true AS closed, s.source, c.received_at, c.instrument_id
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
WHERE c.ts >= now() - 2 * INTERVAL '24 hours'
UNION ALL
SELECT i.venue, i.symbol, f.ts, f.open, f.high, f.low, f.close, f.volume, f.quote_volume, f.trades, f.taker_buy_volume,
    false, 'stream', f.received_at, f.instrument_id
FROM forming_candles AS f
JOIN instruments AS i USING (instrument_id)
WHERE f.ts >= now() - 2 * INTERVAL '24 hours'
    AND NOT EXISTS (SELECT FROM ohlcv_1m AS n WHERE n.instrument_id = f.instrument_id AND n.ts >= f.ts);
COMMENT ON VIEW ohlcv_live IS 'The 1m candles of the last two days, and the one that is forming.';
COMMENT ON COLUMN ohlcv_live.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv_live.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv_live.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ohlcv_live.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_live.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv_live.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv_live.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv_live.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv_live.quote_volume IS 'Traded value, in quote units; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.trades IS 'Number of trades; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.taker_buy_volume IS 'Size bought by takers, in base units; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.closed IS 'False for the candle that is forming: its figures are those so far.';
COMMENT ON COLUMN ohlcv_live.source IS 'Where it came from.';
COMMENT ON COLUMN ohlcv_live.received_at IS 'When these values reached us.';
COMMENT ON COLUMN ohlcv_live.instrument_id IS 'Key of the instrument, for joins.';
