CREATE OR REPLACE VIEW coarse_bars AS
SELECT instrument_id, timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, source_id,
    received_at
FROM ohlcv_native
UNION ALL
SELECT instrument_id, timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, NULL::smallint,
    received_at
FROM ohlcv_built;
COMMENT ON VIEW coarse_bars IS 'Bars that were not made of minutes, each once: native ones, and longer ones that native ones add up to. They count where the minutes of a bar are not all there.';
COMMENT ON COLUMN coarse_bars.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN coarse_bars.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN coarse_bars.ts IS 'Open time of the bar.';
COMMENT ON COLUMN coarse_bars.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN coarse_bars.high IS 'Highest price.';
COMMENT ON COLUMN coarse_bars.low IS 'Lowest price.';
COMMENT ON COLUMN coarse_bars.close IS 'Last trade''s price.';
COMMENT ON COLUMN coarse_bars.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN coarse_bars.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
COMMENT ON COLUMN coarse_bars.trades IS 'Number of trades; null where a source did not tell.';
COMMENT ON COLUMN coarse_bars.taker_buy_volume IS 'Size bought by takers, in base units; null where a source did not tell.';
COMMENT ON COLUMN coarse_bars.source_id IS 'Where a native bar came from (sources); null for one that was built.';
COMMENT ON COLUMN coarse_bars.received_at IS 'When the last part of it reached us.';
