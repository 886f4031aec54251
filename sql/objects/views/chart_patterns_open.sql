CREATE OR REPLACE VIEW chart_patterns_open AS
SELECT c.*
FROM chart_patterns AS c
WHERE c.stage IN ('forming', 'complete') AND NOT EXISTS (
    SELECT FROM chart_pattern_events AS later
    WHERE later.instrument_id = c.instrument_id AND later.timeframe_id = c.timeframe_id
        AND later.pattern_id = c.pattern_id AND later.logic_version = c.logic_version
        AND (later.ts, later.stage <> 'forming') > (c.ts, c.stage <> 'forming')
);
COMMENT ON VIEW chart_patterns_open IS 'Chart patterns that are forming or complete and have not ended, each by its newest row: figures as they were known then.';
COMMENT ON COLUMN chart_patterns_open.venue IS 'Venue.';
COMMENT ON COLUMN chart_patterns_open.symbol IS 'Unified symbol.';
COMMENT ON COLUMN chart_patterns_open.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN chart_patterns_open.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN chart_patterns_open.pattern IS 'Name; chart_pattern_definitions says what it is.';
COMMENT ON COLUMN chart_patterns_open.direction IS 'bullish or bearish; neutral while either line may break.';
COMMENT ON COLUMN chart_patterns_open.stage IS 'forming, complete (its breakout is confirmed), then target_met, failed or expired; or evolved into another pattern.';
COMMENT ON COLUMN chart_patterns_open.nature IS 'What it is said to announce: reversal, continuation or breakout.';
COMMENT ON COLUMN chart_patterns_open.completion IS 'How far it was towards its breakout, in per cent; 100 from the breakout on.';
COMMENT ON COLUMN chart_patterns_open.breakout_level IS 'Price beyond which it is complete, at this bar; later that broken. While neutral, the nearer one.';
COMMENT ON COLUMN chart_patterns_open.target IS 'Price it promises by its measured move; null while neutral.';
COMMENT ON COLUMN chart_patterns_open.invalidation IS 'Price beyond which it is wrong; null while neutral.';
COMMENT ON COLUMN chart_patterns_open.quality IS 'How little of its definition''s tolerances it uses, 0 to 1.';
COMMENT ON COLUMN chart_patterns_open.height IS 'What the measured move adds, in quote units.';
COMMENT ON COLUMN chart_patterns_open.atr IS 'Mean true range of 14 bars at this bar, in quote units.';
COMMENT ON COLUMN chart_patterns_open.volume_ratio IS 'Volume of this bar over the mean of the 20 before; null where those traded nothing.';
COMMENT ON COLUMN chart_patterns_open.volume_trend IS 'Mean volume of its second part over that of the first; null where not known.';
COMMENT ON COLUMN chart_patterns_open.scale IS 'ATR that price had to come back for a swing to be over, at the pivots by which it was found first.';
COMMENT ON COLUMN chart_patterns_open.pivot_ts IS 'Open times of its pivots'' bars, ascending.';
COMMENT ON COLUMN chart_patterns_open.pivot_prices IS 'Prices of its pivots.';
COMMENT ON COLUMN chart_patterns_open.lines IS 'Its lower and upper line, perhaps its neckline: [t0, p0, t1, p1] each, for line_at.';
COMMENT ON COLUMN chart_patterns_open.detail IS 'Reason, close, length in bars, when it expires, breaks that were not confirmed, what it became or came from.';
COMMENT ON COLUMN chart_patterns_open.pattern_id IS 'The pattern, within instrument and timeframe: the same on all rows of one life.';
COMMENT ON COLUMN chart_patterns_open.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN chart_patterns_open.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN chart_patterns_open.created_at IS 'When the present values were made.';
COMMENT ON COLUMN chart_patterns_open.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN chart_patterns_open.timeframe_id IS 'Key of the timeframe, for joins.';
COMMENT ON COLUMN chart_patterns_open.id IS 'Names the pattern for ever: alphapulse draw pattern ID.';
