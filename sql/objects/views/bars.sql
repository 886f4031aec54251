CREATE OR REPLACE VIEW bars AS
SELECT instrument_id, 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1m
UNION ALL
SELECT instrument_id, 5::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_5m AS b
WHERE b.bars = 5 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 5 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, 15::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_15m AS b
WHERE b.bars = 15 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 15 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, 60::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1h AS b
WHERE b.bars = 60 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 60 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, 240::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_4h AS b
WHERE b.bars = 240 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 240 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, 1440::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1d AS b
WHERE b.bars = 1440 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 1440 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, 10080::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1w AS b
WHERE b.bars = 10080 OR NOT EXISTS (
    SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 10080 AND c.ts = b.ts)
UNION ALL
SELECT instrument_id, timeframe_id, ts, open, high, low, close, volume, quote_volume FROM coarse_bars AS n
WHERE timeframe_id IN (5, 15, 60, 240, 1440, 10080) AND (NOT EXISTS (
    SELECT FROM ohlcv_1m AS m
    WHERE m.instrument_id = n.instrument_id AND m.ts >= n.ts AND m.ts < n.ts + n.timeframe_id * INTERVAL '1 minute'
) OR NOT is_whole(n.instrument_id, n.timeframe_id, n.ts));
COMMENT ON VIEW bars IS 'Bars of every timeframe from 1m to 1w by key, the forming one included: what ohlcv is made of, for joins. Of minutes where those are all there, else native ones.';
COMMENT ON COLUMN bars.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN bars.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN bars.ts IS 'Open time of the bar.';
COMMENT ON COLUMN bars.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN bars.high IS 'Highest price.';
COMMENT ON COLUMN bars.low IS 'Lowest price.';
COMMENT ON COLUMN bars.close IS 'Last trade''s price.';
COMMENT ON COLUMN bars.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN bars.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
