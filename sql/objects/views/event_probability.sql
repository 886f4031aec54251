CREATE OR REPLACE VIEW event_probability AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.known_at, v.direction, v.shape, v.horizon, v.probability, v.probability_low, v.probability_high,
    v.move_probability, v.break_even, v.cost, v.family, v.pattern, v.reference, v.names, v.model_version,
    v.trained_until, v.configuration_version, v.logic_version, v.created_at, v.instrument_id
FROM event_probabilities AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM event_probabilities AS n
    WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
);
COMMENT ON VIEW event_probability IS 'How probable it is that a piece of evidence (patterns of one bar, direction and shape) is right after costs, as known at the close, in the newest version.';
COMMENT ON COLUMN event_probability.venue IS 'Venue.';
COMMENT ON COLUMN event_probability.symbol IS 'Unified symbol.';
COMMENT ON COLUMN event_probability.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN event_probability.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN event_probability.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN event_probability.direction IS 'bullish or bearish.';
COMMENT ON COLUMN event_probability.shape IS 'What the patterns of the group share.';
COMMENT ON COLUMN event_probability.horizon IS 'Bars after the close up to which the return counts.';
COMMENT ON COLUMN event_probability.probability IS 'That the return its way at the horizon exceeds the costs, 0 to 1.';
COMMENT ON COLUMN event_probability.probability_low IS 'Lower bound, at 95 %.';
COMMENT ON COLUMN event_probability.probability_high IS 'Upper bound, at 95 %.';
COMMENT ON COLUMN event_probability.move_probability IS 'That the price moves by more than the costs, either way.';
COMMENT ON COLUMN event_probability.break_even IS 'Share right at which wins pay for losses and costs; null where ATR is not known.';
COMMENT ON COLUMN event_probability.cost IS 'Of a round trip, a fraction of the notional.';
COMMENT ON COLUMN event_probability.family IS 'Family of the pattern that stands for the group: the surest of them.';
COMMENT ON COLUMN event_probability.pattern IS 'That pattern.';
COMMENT ON COLUMN event_probability.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty of others.';
COMMENT ON COLUMN event_probability.names IS 'Patterns in the group.';
COMMENT ON COLUMN event_probability.model_version IS 'Model that said so (model_cards), or success-rates: the shrunk success rate known then, less what costs take.';
COMMENT ON COLUMN event_probability.trained_until IS 'Nothing that became known later went into the model, or the rate.';
COMMENT ON COLUMN event_probability.configuration_version IS 'Weights, thresholds and costs by which it was made (pattern_configurations).';
COMMENT ON COLUMN event_probability.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN event_probability.created_at IS 'When the present values were made.';
COMMENT ON COLUMN event_probability.instrument_id IS 'Key of the instrument, for joins.';
