CREATE OR REPLACE VIEW dominance_correlations AS
SELECT
    c.provider, c.basis, i.venue, i.symbol, t.timeframe, c.ts, c.known_at, c.bars, c.pairs, c.correlation, c.low, c.high,
    c.low > 0 OR c.high < 0 AS is_told_from_nothing, c.lags, c.best_lag, c.lags[c.best_lag + 4] AS best_lag_correlation,
    c.logic_version, c.created_at, c.instrument_id
FROM dominance_correlation_bars AS c
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE c.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM dominance_correlation_bars AS n
        WHERE n.provider = c.provider AND n.basis = c.basis AND n.instrument_id = c.instrument_id
            AND n.timeframe_id = c.timeframe_id
            AND n.ts = c.ts AND n.bars = c.bars AND n.logic_version > c.logic_version
    );
COMMENT ON VIEW dominance_correlations IS 'How the returns of each symbol go with changes of Bitcoin''s dominance, over rolling windows, in the newest version.';
COMMENT ON COLUMN dominance_correlations.provider IS 'Whose dominance it is.';
COMMENT ON COLUMN dominance_correlations.basis IS 'Of what the shares are: market or main_coins (dominance_regimes).';
COMMENT ON COLUMN dominance_correlations.venue IS 'Venue.';
COMMENT ON COLUMN dominance_correlations.symbol IS 'Unified symbol.';
COMMENT ON COLUMN dominance_correlations.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN dominance_correlations.ts IS 'Open time of the last bar of the window.';
COMMENT ON COLUMN dominance_correlations.known_at IS 'When it could first be known.';
COMMENT ON COLUMN dominance_correlations.bars IS 'Length of the window in bars.';
COMMENT ON COLUMN dominance_correlations.pairs IS 'Bars of it of which both changes are known.';
COMMENT ON COLUMN dominance_correlations.correlation IS 'Pearson''s, -1 to 1, without lag.';
COMMENT ON COLUMN dominance_correlations.low IS 'Lower bound of it (Fisher, 95 %).';
COMMENT ON COLUMN dominance_correlations.high IS 'Upper bound of it.';
COMMENT ON COLUMN dominance_correlations.is_told_from_nothing IS 'Whether the interval leaves 0 out; of twenty symbols without any relation one does so by chance.';
COMMENT ON COLUMN dominance_correlations.lags IS 'Correlations at lags -3 to 3 bars: above 0 the symbol follows dominance, below 0 it leads.';
COMMENT ON COLUMN dominance_correlations.best_lag IS 'The lag of the largest of these by size; the best of seven looks good by chance.';
COMMENT ON COLUMN dominance_correlations.best_lag_correlation IS 'The correlation at that lag.';
COMMENT ON COLUMN dominance_correlations.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN dominance_correlations.created_at IS 'When the present values were made.';
COMMENT ON COLUMN dominance_correlations.instrument_id IS 'Key of the instrument, for joins.';
