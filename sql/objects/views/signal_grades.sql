CREATE OR REPLACE VIEW signal_grades AS
SELECT s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.trigger,
    p.probability, p.probability_low, p.probability_high, p.break_even,
    CASE WHEN p.probability_low > p.break_even THEN 'A' WHEN p.probability > p.break_even THEN 'B' ELSE 'C' END AS grade,
    CASE WHEN p.probability IS NULL THEN 'no probability is known'
        WHEN p.probability_low > p.break_even THEN 'above break-even, its interval too'
        WHEN p.probability > p.break_even THEN 'above break-even, within chance'
        ELSE 'no demonstrated value' END AS in_words,
    p.horizon, p.shape, p.model_version, p.trained_until, s.configuration_version, s.logic_version, s.instrument_id
FROM signals AS s
JOIN pattern_configurations AS k ON k.version = s.configuration_version
LEFT JOIN LATERAL (
    -- the trigger's evidence; where that is told otherwise the most probable of the same bar and direction
    SELECT v.*
    FROM event_probabilities AS v
    WHERE v.instrument_id = s.instrument_id AND v.timeframe_id = s.timeframe_id AND v.ts = s.ts
        AND v.direction = CASE WHEN s.score > 0 THEN 'bullish' ELSE 'bearish' END
        AND v.configuration_version = s.configuration_version AND v.logic_version > 0
        AND v.horizon = coalesce((k.configuration #>> '{models,horizons,0}')::smallint, v.horizon)
    ORDER BY v.logic_version DESC, v.pattern = s.trigger DESC, v.probability DESC, v.shape, v.horizon
    LIMIT 1
) AS p ON true
WHERE s.signal <> 'neutral';
COMMENT ON VIEW signal_grades IS 'How probable it is that a signal is right after costs, and its grade by that: of the evidence of its trigger. Zero A signals is a fine answer.';
COMMENT ON COLUMN signal_grades.venue IS 'Venue.';
COMMENT ON COLUMN signal_grades.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signal_grades.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signal_grades.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signal_grades.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signal_grades.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_grades.trigger IS 'The pattern that gave it.';
COMMENT ON COLUMN signal_grades.probability IS 'That the return its way at the horizon exceeds the costs, 0 to 1; null where nothing is known of its evidence.';
COMMENT ON COLUMN signal_grades.probability_low IS 'Lower bound, at 95 %.';
COMMENT ON COLUMN signal_grades.probability_high IS 'Upper bound, at 95 %.';
COMMENT ON COLUMN signal_grades.break_even IS 'Share right at which wins pay for losses and costs (docs/models.md).';
COMMENT ON COLUMN signal_grades.grade IS 'A where probability_low is above break_even, B where probability is, else C.';
COMMENT ON COLUMN signal_grades.in_words IS 'The grade in words; of C: no demonstrated value.';
COMMENT ON COLUMN signal_grades.horizon IS 'Bars after the close up to which the return counts.';
COMMENT ON COLUMN signal_grades.shape IS 'The evidence whose probability it is.';
COMMENT ON COLUMN signal_grades.model_version IS 'Model that said so (model_cards), or success-rates.';
COMMENT ON COLUMN signal_grades.trained_until IS 'Nothing that became known later went into the model, or the rate.';
COMMENT ON COLUMN signal_grades.configuration_version IS 'Weights, thresholds and costs by which both were made (pattern_configurations).';
COMMENT ON COLUMN signal_grades.logic_version IS 'Version of the rules that made the signal.';
COMMENT ON COLUMN signal_grades.instrument_id IS 'Key of the instrument, for joins.';
