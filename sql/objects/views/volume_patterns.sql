CREATE OR REPLACE VIEW volume_patterns AS
SELECT i.venue, i.symbol, t.timeframe, v.ts,
    v.pattern, v.direction, v.strength, v.confidence, v.volume_ratio, v.price_change, v.detail, v.known_at,
    v.logic_version, v.created_at,
    v.instrument_id, v.timeframe_id
FROM volume_pattern_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is no pattern
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'volume_patterns' AND n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id
        AND n.logic_version > v.logic_version AND n.windows @> v.ts
);
COMMENT ON VIEW volume_patterns IS 'Volume patterns of each symbol and timeframe, in the newest version that looked there.';
COMMENT ON COLUMN volume_patterns.venue IS 'Venue.';
COMMENT ON COLUMN volume_patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN volume_patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN volume_patterns.ts IS 'Open time of the bar.';
COMMENT ON COLUMN volume_patterns.pattern IS 'accumulation, breakout, climax, distribution, divergence, dry_up, exhaustion, fake_out or spike; docs/indicators.md defines them.';
COMMENT ON COLUMN volume_patterns.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_patterns.strength IS 'weak, medium, strong or extreme.';
COMMENT ON COLUMN volume_patterns.confidence IS 'How clearly the definition is met, 0 to 1. No probability: see volume_reactions for what came after.';
COMMENT ON COLUMN volume_patterns.volume_ratio IS 'Volume over the mean of the 20 bars before; null where those traded nothing.';
COMMENT ON COLUMN volume_patterns.price_change IS 'From the close of the bar before to this one''s, as a fraction.';
COMMENT ON COLUMN volume_patterns.detail IS 'Kind, parts of the confidence, ATR and the figures behind the pattern.';
COMMENT ON COLUMN volume_patterns.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN volume_patterns.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN volume_patterns.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN volume_patterns.timeframe_id IS 'Key of the timeframe, for joins.';
