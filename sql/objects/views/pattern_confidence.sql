CREATE OR REPLACE VIEW pattern_confidence AS
SELECT
    v.venue, v.symbol, v.timeframe, v.ts, v.known_at, v.family, v.pattern, v.direction, v.stage, v.reference,
    v.volume, v.trend, v.context, v.history, v.convergence, v.volume_coverage, v.trend_coverage, v.context_coverage,
    v.history_coverage, v.convergence_coverage, v.confidence, v.coverage, v.aspect_technical, v.aspect_historical,
    v.aspect_market, v.aspect_volume, v.aspect_technical_coverage, v.aspect_historical_coverage,
    v.aspect_market_coverage, v.aspect_volume_coverage, v.reliability, v.reliability_coverage, v.boost_volume,
    v.boost_price, v.boost_timeframe, v.boosted, v.boosted_coverage, v.volume_weight, v.trend_weight,
    v.context_weight, v.history_weight, v.convergence_weight, v.aspect_technical_weight, v.aspect_historical_weight,
    v.aspect_market_weight, v.aspect_volume_weight, v.level, v.reliability_level, v.boosted_level, v.history_as_of,
    n.note AS calibration_note, v.configuration_version, v.logic_version, v.created_at, v.instrument_id,
    v.timeframe_id
FROM pattern_confidence_all_versions AS v
LEFT JOIN score_notes AS n ON n.timeframe = v.timeframe AND n.score = 'confidence'
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS w
    WHERE w.dataset = 'pattern_confidence' AND w.instrument_id = v.instrument_id AND w.windows @> v.known_at
        AND (w.logic_version, w.configuration_version) > (v.logic_version, v.configuration_version)
);
COMMENT ON VIEW pattern_confidence IS 'How sure each pattern event was when it became known, factor by factor with weights and coverage, in the newest version.';
COMMENT ON COLUMN pattern_confidence.venue IS 'Venue.';
COMMENT ON COLUMN pattern_confidence.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_confidence.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_confidence.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confidence.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confidence.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_confidence.pattern IS 'Name of the pattern.';
COMMENT ON COLUMN pattern_confidence.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_confidence.stage IS 'complete, or of chart patterns any stage of their life.';
COMMENT ON COLUMN pattern_confidence.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confidence.volume IS 'Volume confirmation: how far the bar''s volume exceeds that of the 20 before, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.trend IS 'Trend alignment, on its own and the next higher timeframe, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.context IS 'Market context: volatility, liquidity, the market''s trend, sentiment, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.history IS 'Historical success as known then, less the base rate, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.convergence IS 'Convergence of the consecutive timeframes that lean its way, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.volume_coverage IS 'Share of the parts of volume that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.trend_coverage IS 'Share of the parts of trend that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.context_coverage IS 'Share of the parts of context that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.history_coverage IS 'Share of the parts of history that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.convergence_coverage IS 'Share of the parts of convergence that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.confidence IS 'How sure, 0 to 100: the weighted mean of what is known of the factors. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence.coverage IS 'Share of the weights that is known, 0 to 1; unknown factors move no score and lower this.';
COMMENT ON COLUMN pattern_confidence.aspect_technical IS 'Strength of the pattern, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_historical IS 'Historical success, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_market IS 'Trend and context, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_volume IS 'Volume, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_technical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_historical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_market_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_volume_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.reliability IS 'How reliable, 0 to 100, of the four aspects. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence.reliability_coverage IS 'Share of the aspects'' weights that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.boost_volume IS 'Added for volume, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boost_price IS 'Added for the bar''s move its way, 0 to 20; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boost_timeframe IS 'Added for convergence, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boosted IS 'The simpler score: strength and boosts, 100 at most.';
COMMENT ON COLUMN pattern_confidence.boosted_coverage IS 'Share of the boosts that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.volume_weight IS 'Weight of volume in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.trend_weight IS 'Weight of trend in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.context_weight IS 'Weight of context in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.history_weight IS 'Weight of history in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.convergence_weight IS 'Weight of convergence in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_technical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_historical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_market_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_volume_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.level IS 'extreme from 90, high from 75, medium from 60, low from 40, else very low; null where too little is known.';
COMMENT ON COLUMN pattern_confidence.reliability_level IS 'The same of the reliability.';
COMMENT ON COLUMN pattern_confidence.boosted_level IS 'strong above 80, medium from 60, else weak.';
COMMENT ON COLUMN pattern_confidence.history_as_of IS 'As of when the history was known; null where none was.';
COMMENT ON COLUMN pattern_confidence.calibration_note IS 'How often confidence was right at its levels on this timeframe, in the newest calibration (score_notes); null before there is one.';
COMMENT ON COLUMN pattern_confidence.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confidence.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confidence.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confidence.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_confidence.timeframe_id IS 'Key of the timeframe, for joins.';
