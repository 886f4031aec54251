CREATE OR REPLACE VIEW chart_patterns AS
SELECT i.venue, i.symbol, t.timeframe, e.ts,
    e.pattern, e.direction, e.stage, d.nature, e.completion, e.breakout_level, e.target, e.invalidation, e.quality, e.height,
    e.atr, e.volume_ratio, e.volume_trend, e.scale,
    (SELECT array_agg(p.ts AT TIME ZONE 'UTC' ORDER BY p.place) FROM unnest(e.pivot_ts) WITH ORDINALITY AS p (ts, place))
        AS pivot_ts,
    e.pivot_prices, e.lines, e.detail, e.pattern_id, e.known_at, e.logic_version, e.created_at, e.instrument_id,
    e.timeframe_id,
    i.venue || '/' || regexp_replace(i.symbol, '/', '-') || '/' || t.timeframe || '/' || e.pattern_id AS id
FROM chart_pattern_events AS e
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN chart_pattern_definitions AS d USING (pattern, logic_version)
WHERE e.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is no pattern
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'chart_patterns' AND n.instrument_id = e.instrument_id AND n.timeframe_id = e.timeframe_id
        AND n.logic_version > e.logic_version AND n.windows @> e.ts
);
COMMENT ON VIEW chart_patterns IS 'The lives of chart patterns, a row per stage, in the newest version that looked there.';
COMMENT ON COLUMN chart_patterns.venue IS 'Venue.';
COMMENT ON COLUMN chart_patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN chart_patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN chart_patterns.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN chart_patterns.pattern IS 'Name; chart_pattern_definitions says what it is.';
COMMENT ON COLUMN chart_patterns.direction IS 'bullish or bearish; neutral while either line may break.';
COMMENT ON COLUMN chart_patterns.stage IS 'forming, complete (its breakout is confirmed), then target_met, failed or expired; or evolved into another pattern.';
COMMENT ON COLUMN chart_patterns.nature IS 'What it is said to announce: reversal, continuation or breakout.';
COMMENT ON COLUMN chart_patterns.completion IS 'How far it was towards its breakout, in per cent; 100 from the breakout on.';
COMMENT ON COLUMN chart_patterns.breakout_level IS 'Price beyond which it is complete, at this bar; later that broken. While neutral, the nearer one.';
COMMENT ON COLUMN chart_patterns.target IS 'Price it promises by its measured move; null while neutral.';
COMMENT ON COLUMN chart_patterns.invalidation IS 'Price beyond which it is wrong; null while neutral.';
COMMENT ON COLUMN chart_patterns.quality IS 'How little of its definition''s tolerances it uses, 0 to 1.';
COMMENT ON COLUMN chart_patterns.height IS 'What the measured move adds, in quote units.';
COMMENT ON COLUMN chart_patterns.atr IS 'Mean true range of 14 bars at this bar, in quote units.';
COMMENT ON COLUMN chart_patterns.volume_ratio IS 'Volume of this bar over the mean of the 20 before; null where those traded nothing.';
COMMENT ON COLUMN chart_patterns.volume_trend IS 'Mean volume of its second part over that of the first; null where not known.';
COMMENT ON COLUMN chart_patterns.scale IS 'ATR that price had to come back for a swing to be over, at the pivots by which it was found first.';
COMMENT ON COLUMN chart_patterns.pivot_ts IS 'Open times of its pivots'' bars, ascending.';
COMMENT ON COLUMN chart_patterns.pivot_prices IS 'Prices of its pivots.';
COMMENT ON COLUMN chart_patterns.lines IS 'Its lower and upper line, perhaps its neckline: [t0, p0, t1, p1] each, for line_at.';
COMMENT ON COLUMN chart_patterns.detail IS 'Reason, close, length in bars, when it expires, breaks that were not confirmed, what it became or came from.';
COMMENT ON COLUMN chart_patterns.pattern_id IS 'The pattern, within instrument and timeframe: the same on all rows of one life.';
COMMENT ON COLUMN chart_patterns.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN chart_patterns.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN chart_patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN chart_patterns.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN chart_patterns.timeframe_id IS 'Key of the timeframe, for joins.';
COMMENT ON COLUMN chart_patterns.id IS 'Names the pattern for ever, on all rows of its life: alphapulse draw pattern ID.';
