CREATE OR REPLACE VIEW pattern_relationships AS
SELECT v.instrument_id, v.timeframe_id, v.ts, t.timeframe AS other_timeframe, v.logic_version, v.configuration_version,
    v.ts + v.timeframe_id * INTERVAL '1 minute' AS known_at, k.family, k.pattern,
    CASE c.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction, c.reference,
    CASE WHEN v.other_sign = c.sign THEN 'confirms' ELSE 'contradicts' END AS relation,
    v.other_sign <> c.sign AND v.other_timeframe_id > v.timeframe_id AND c.overridden_by_id IS NOT NULL AS overrides,
    (w.configuration #>> ARRAY['confluence', 'multipliers',
        (array_position(ARRAY[1, 5, 15, 60, 240, 1440, 10080], v.other_timeframe_id::integer) - 1)::text])::double precision
        AS other_multiplier,
    v.other_ts, v.other_ts + v.other_timeframe_id * INTERVAL '1 minute' AS other_known_at, o.family AS other_family,
    o.pattern AS other_pattern,
    CASE v.other_sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS other_direction,
    v.other_reference, v.created_at
FROM pattern_relationship_events AS v
JOIN pattern_confluences AS c USING (instrument_id, timeframe_id, ts, logic_version, configuration_version)
JOIN pattern_kinds AS k ON k.kind_id = c.kind_id
JOIN pattern_kinds AS o ON o.kind_id = v.other_kind_id
JOIN timeframes AS t ON t.timeframe_id = v.other_timeframe_id
LEFT JOIN pattern_configurations AS w ON w.version = v.configuration_version;
COMMENT ON VIEW pattern_relationships IS 'Where a lean rests on more than its own timeframe: the consecutive timeframes that confirm it, and the highest that overrides it, each with the pattern that leads there. All versions.';
COMMENT ON COLUMN pattern_relationships.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_relationships.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_relationships.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_relationships.other_timeframe IS 'The other timeframe.';
COMMENT ON COLUMN pattern_relationships.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_relationships.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_relationships.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_relationships.family IS 'Family of the pattern that leads here.';
COMMENT ON COLUMN pattern_relationships.pattern IS 'Pattern that leads here.';
COMMENT ON COLUMN pattern_relationships.direction IS 'Where this timeframe leans.';
COMMENT ON COLUMN pattern_relationships.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_relationships.relation IS 'confirms or contradicts: whether the other timeframe leans alike.';
COMMENT ON COLUMN pattern_relationships.overrides IS 'Whether the other timeframe is higher, contradicts, and is not overridden itself.';
COMMENT ON COLUMN pattern_relationships.other_multiplier IS 'Its multiplier.';
COMMENT ON COLUMN pattern_relationships.other_ts IS 'Open time of the bar of the pattern that leads there.';
COMMENT ON COLUMN pattern_relationships.other_known_at IS 'When that pattern was known.';
COMMENT ON COLUMN pattern_relationships.other_family IS 'Its family.';
COMMENT ON COLUMN pattern_relationships.other_pattern IS 'Pattern that leads there.';
COMMENT ON COLUMN pattern_relationships.other_direction IS 'Where the other timeframe leans.';
COMMENT ON COLUMN pattern_relationships.other_reference IS 'Which life of a chart pattern it is; empty as reference.';
COMMENT ON COLUMN pattern_relationships.created_at IS 'When the present values were made.';
