CREATE OR REPLACE VIEW pattern_confluence AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, v.ts + v.timeframe_id * INTERVAL '1 minute' AS known_at,
    CASE v.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction, k.family, k.pattern, v.reference,
    CASE v.grade_id WHEN 3 THEN 'strong' WHEN 2 THEN 'medium' WHEN 1 THEN 'weak' END AS grade,
    v.run::bigint AS run, f.timeframe AS run_first, l.timeframe AS run_last, v.confirming::bigint AS confirming,
    v.contradicting::bigint AS contradicting, o.timeframe AS overridden_by, v.convergence::double precision AS convergence,
    v.configuration_version, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id
FROM pattern_confluences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN timeframes AS f ON f.timeframe_id = v.run_first_id
JOIN timeframes AS l ON l.timeframe_id = v.run_last_id
LEFT JOIN timeframes AS o ON o.timeframe_id = v.overridden_by_id
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'pattern_confluence' AND n.instrument_id = v.instrument_id
        AND n.windows @> v.ts + v.timeframe_id * INTERVAL '1 minute'
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
);
COMMENT ON VIEW pattern_confluence IS 'Where timeframes lean, led by which pattern, and how many consecutive ones lean alike, in the newest version.';
COMMENT ON COLUMN pattern_confluence.venue IS 'Venue.';
COMMENT ON COLUMN pattern_confluence.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_confluence.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_confluence.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confluence.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confluence.direction IS 'Where the timeframe leans: bullish or bearish.';
COMMENT ON COLUMN pattern_confluence.family IS 'Family of the pattern that leads it.';
COMMENT ON COLUMN pattern_confluence.pattern IS 'Pattern that leads it: the strongest of its direction that counts.';
COMMENT ON COLUMN pattern_confluence.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confluence.grade IS 'strong with three or more consecutive timeframes that lean alike, medium with two, weak alone.';
COMMENT ON COLUMN pattern_confluence.run IS 'Consecutive timeframes that lean alike, this one counted.';
COMMENT ON COLUMN pattern_confluence.run_first IS 'Lowest timeframe of them.';
COMMENT ON COLUMN pattern_confluence.run_last IS 'Highest timeframe of them.';
COMMENT ON COLUMN pattern_confluence.confirming IS 'Other timeframes that lean alike, consecutive or not.';
COMMENT ON COLUMN pattern_confluence.contradicting IS 'Other timeframes that lean the other way.';
COMMENT ON COLUMN pattern_confluence.overridden_by IS 'The highest timeframe that leans, where it is higher and leans the other way; else null.';
COMMENT ON COLUMN pattern_confluence.convergence IS 'Sum of the multipliers of the run less those of contradicting timeframes, over 3, within 0 to 1; 0 where overridden.';
COMMENT ON COLUMN pattern_confluence.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confluence.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confluence.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confluence.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_confluence.timeframe_id IS 'Key of the timeframe, for joins.';
