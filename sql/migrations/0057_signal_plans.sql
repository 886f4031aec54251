-- Plans of signals: what they rest on, whose stop and target they have, what limits their size, and to which steps of
-- the instrument they are rounded. Rows of the rules before have none of it.

ALTER TABLE signal_events
    ADD COLUMN IF NOT EXISTS evidence bigint,
    ADD COLUMN IF NOT EXISTS against text,
    ADD COLUMN IF NOT EXISTS stop_from text,
    ADD COLUMN IF NOT EXISTS target_from text,
    ADD COLUMN IF NOT EXISTS risk_limited_by text,
    ADD COLUMN IF NOT EXISTS plan_remark text,
    ADD COLUMN IF NOT EXISTS tick_size double precision,
    ADD COLUMN IF NOT EXISTS lot_size double precision;
COMMENT ON COLUMN signal_events.patterns IS 'Different winning patterns, by name; what confirms is evidence.';
COMMENT ON COLUMN signal_events.evidence IS 'Different shapes among the pieces of evidence (patterns of one timeframe, bar, direction and shape) that win. Null before version 2 of the rules.';
COMMENT ON COLUMN signal_events.against IS 'Highest timeframe above with a signal that lives and goes the other way; the signal is weak at most then.';
COMMENT ON COLUMN signal_events.stop_from IS 'Pattern whose stop it is, or atr: none was fit.';
COMMENT ON COLUMN signal_events.target_from IS 'Pattern whose target it is; reward: a multiple of the risk; reach: as far as it can expect to go while it lives.';
COMMENT ON COLUMN signal_events.risk_limited_by IS 'Why less than risk_fraction of the equity is at risk: position_cap, symbol_budget, lot_size, minimum (below the smallest lot), weak (not sized). Null where nothing does.';
COMMENT ON COLUMN signal_events.plan_remark IS 'What is to be said of the plan; null where nothing is.';
COMMENT ON COLUMN signal_events.tick_size IS 'Price step that stop and target were rounded to, in quote units; null where none was known.';
COMMENT ON COLUMN signal_events.lot_size IS 'Step that the size was rounded down to, in base units; null where none was known.';
COMMENT ON COLUMN signal_events.expires_at IS 'When the last vote of its timeframe that it rests on stops to count; null of neutral signals. A later opposite signal of the timeframe closes it before.';
COMMENT ON COLUMN signal_events.size IS 'Size of the position, in base units; 0 of weak signals and where the budget of the symbol is used up.';
COMMENT ON COLUMN signal_events.reasons IS 'Pieces of evidence that were counted, each by its surest pattern, patterns that are one piece with them (alike), and patterns overridden, each with its confidence, shape and vote.';
