CREATE OR REPLACE VIEW pattern_evidence AS
SELECT i.venue, i.symbol, t.timeframe, e.ts, e.ts + e.timeframe_id * INTERVAL '1 minute' AS known_at,
    CASE e.sign WHEN 1 THEN 'bullish' ELSE 'bearish' END AS direction, e.shape, e.names, cardinality(e.names) AS names_count,
    e.families, e.confidence, (ARRAY['very low', 'low', 'medium', 'high', 'extreme'])[e.level_id + 1] AS level, e.strength,
    e.reference, e.configuration_version, e.logic_version, e.instrument_id, e.timeframe_id
FROM (
    SELECT v.instrument_id, v.timeframe_id, v.ts, v.sign, k.shape, v.configuration_version, v.logic_version,
        array_agg(k.pattern ORDER BY v.confidence DESC NULLS LAST, k.pattern) AS names,
        array_agg(DISTINCT k.family) AS families, max(v.confidence) AS confidence, max(v.level_id) AS level_id,
        max(v.strength)::double precision AS strength, max(nullif(v.reference, '')) AS reference
    FROM pattern_confidences AS v
    JOIN pattern_kinds AS k USING (kind_id)
    WHERE v.stage_id = 1 AND v.sign <> 0 AND v.logic_version > 0 AND NOT EXISTS (
        SELECT FROM signal_windows AS n
        WHERE n.dataset = 'pattern_confidence' AND n.instrument_id = v.instrument_id
            AND n.windows @> v.ts + v.timeframe_id * INTERVAL '1 minute'
            AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
    )
    GROUP BY v.instrument_id, v.timeframe_id, v.ts, v.sign, k.shape, v.configuration_version, v.logic_version
) AS e
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id);
COMMENT ON VIEW pattern_evidence IS 'Pieces of evidence: confirmed patterns of one bar, direction and shape are one row, whatever they are called. Of the newest version.';
COMMENT ON COLUMN pattern_evidence.venue IS 'Venue.';
COMMENT ON COLUMN pattern_evidence.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_evidence.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_evidence.ts IS 'Open time of the bar at whose close the patterns were confirmed.';
COMMENT ON COLUMN pattern_evidence.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_evidence.direction IS 'bullish or bearish: what is neutral is a flag of the bar (bar_flags).';
COMMENT ON COLUMN pattern_evidence.shape IS 'What the patterns have in common (pattern_kinds.shape): big_bar, shadow, star ...; chart for all chart patterns.';
COMMENT ON COLUMN pattern_evidence.names IS 'Names of the patterns, the surest first.';
COMMENT ON COLUMN pattern_evidence.names_count IS 'How many names there are for this piece of evidence.';
COMMENT ON COLUMN pattern_evidence.families IS 'Families they are of: candlestick, chart, volume.';
COMMENT ON COLUMN pattern_evidence.confidence IS 'Confidence of the surest of them, 0 to 100; null where nothing is known.';
COMMENT ON COLUMN pattern_evidence.level IS 'Its level: very low, low, medium, high, extreme; null where too little is known.';
COMMENT ON COLUMN pattern_evidence.strength IS 'How clearly the clearest of them meets its definition, 0 to 100.';
COMMENT ON COLUMN pattern_evidence.reference IS 'Life of a chart pattern among them (chart_pattern_events.pattern_id); null without one.';
COMMENT ON COLUMN pattern_evidence.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_evidence.logic_version IS 'Version of the rules of confidence.';
COMMENT ON COLUMN pattern_evidence.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_evidence.timeframe_id IS 'Key of the timeframe, for joins.';
