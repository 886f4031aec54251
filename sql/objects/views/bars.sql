CREATE OR REPLACE VIEW bars AS
SELECT instrument_id, 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1m
UNION ALL
SELECT instrument_id, 5::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_5m
UNION ALL
SELECT instrument_id, 15::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_15m
UNION ALL
SELECT instrument_id, 60::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1h
UNION ALL
SELECT instrument_id, 240::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_4h
UNION ALL
SELECT instrument_id, 1440::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1d
UNION ALL
SELECT instrument_id, 10080::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1w;
COMMENT ON VIEW bars IS 'Bars of every timeframe from 1m to 1w by key, the forming one included: what ohlcv is made of, for joins.';
COMMENT ON COLUMN bars.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN bars.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN bars.ts IS 'Open time of the bar.';
COMMENT ON COLUMN bars.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN bars.high IS 'Highest price.';
COMMENT ON COLUMN bars.low IS 'Lowest price.';
COMMENT ON COLUMN bars.close IS 'Last trade''s price.';
COMMENT ON COLUMN bars.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN bars.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
