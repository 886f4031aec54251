CREATE OR REPLACE VIEW sweeps AS
SELECT i.venue, i.symbol, s.ts, s.side, s.pivot, s.pivot_time, s.extreme, s.close, s.beyond_atr, s.bars,
    s.relative_volume, s.known_at, s.logic_version, s.instrument_id
FROM liquidity_sweeps AS s
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW sweeps IS 'Sweeps (stop hunts): price ran beyond a prior pivot and closed back behind it.';
COMMENT ON COLUMN sweeps.venue IS 'Venue.';
COMMENT ON COLUMN sweeps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN sweeps.ts IS 'Open time of the candle that closed back.';
COMMENT ON COLUMN sweeps.side IS 'high or low: the side of the pivot.';
COMMENT ON COLUMN sweeps.pivot IS 'Price of the pivot, in quote units.';
COMMENT ON COLUMN sweeps.pivot_time IS 'Open time of the pivot''s candle.';
COMMENT ON COLUMN sweeps.extreme IS 'How far price went, in quote units.';
COMMENT ON COLUMN sweeps.close IS 'Close of the candle that closed back, in quote units.';
COMMENT ON COLUMN sweeps.beyond_atr IS 'How far beyond the pivot it went, in average true ranges; null where that was 0.';
COMMENT ON COLUMN sweeps.bars IS 'Candles from the one that went beyond to the one that closed back.';
COMMENT ON COLUMN sweeps.relative_volume IS 'Largest volume of these candles over the mean volume before.';
COMMENT ON COLUMN sweeps.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN sweeps.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN sweeps.instrument_id IS 'Key of the instrument, for joins.';
