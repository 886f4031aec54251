CREATE OR REPLACE VIEW signals AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.known_at, v.signal, v.score, v.net, v.confidence, v.patterns, v.evidence, v.run, v.overridden_by, v.against,
    v.trigger, v.entry, v.atr, v.stop, v.target, v.risk_atr, v.reward_risk, v.size, v.notional, v.risk,
    v.risk / z.equity AS risk_share, v.capped, v.risk_limited_by, v.stop_from, v.target_from, v.plan_remark,
    v.tick_size, v.lot_size, v.expires_at, v.reasons, z.equity,
    n.note AS calibration_note, v.configuration_version, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id,
    bar_id(i.venue, i.symbol, t.timeframe, v.ts) AS id
FROM signal_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN pattern_configurations AS k ON k.version = v.configuration_version
CROSS JOIN LATERAL jsonb_to_record(k.configuration -> 'sizing') AS z (equity double precision)
LEFT JOIN score_notes AS n ON n.timeframe = t.timeframe AND n.score = 'confidence'
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS w
    WHERE w.dataset = 'signals' AND w.instrument_id = v.instrument_id AND w.windows @> v.known_at
        AND (w.logic_version, w.configuration_version) > (v.logic_version, v.configuration_version)
);
COMMENT ON VIEW signals IS 'Signals of each symbol and timeframe with plan and reasons, in the newest version that looked there.';
COMMENT ON COLUMN signals.venue IS 'Venue.';
COMMENT ON COLUMN signals.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals.net IS 'Votes for less votes against over all votes left, -1 to 1.';
COMMENT ON COLUMN signals.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals.patterns IS 'Different winning patterns, by name; what confirms is evidence.';
COMMENT ON COLUMN signals.evidence IS 'Different shapes among the pieces of evidence that win: a buy or sell needs two. Null before version 2 of the rules.';
COMMENT ON COLUMN signals.run IS 'Consecutive timeframes that go its way; 0 of a signal that does not stand.';
COMMENT ON COLUMN signals.overridden_by IS 'Higher timeframe that goes the other way; the signal is neutral then.';
COMMENT ON COLUMN signals.against IS 'Highest timeframe above with a signal that lives and goes the other way; the signal is weak at most then.';
COMMENT ON COLUMN signals.trigger IS 'The surest new pattern.';
COMMENT ON COLUMN signals.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals.atr IS 'Mean true range of 14 bars, in quote units; null in its warm-up.';
COMMENT ON COLUMN signals.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signals.target IS 'Price it aims at.';
COMMENT ON COLUMN signals.risk_atr IS 'Distance from entry to stop, in ATR.';
COMMENT ON COLUMN signals.reward_risk IS 'Distance to the target over that to the stop.';
COMMENT ON COLUMN signals.size IS 'Size of the position, in base units; 0 of weak signals and where the budget of the symbol is used up.';
COMMENT ON COLUMN signals.notional IS 'What it is worth at the entry, in quote units.';
COMMENT ON COLUMN signals.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signals.risk_share IS 'The same over the equity.';
COMMENT ON COLUMN signals.capped IS 'Whether the cap made the position smaller than its risk allows.';
COMMENT ON COLUMN signals.risk_limited_by IS 'Why less than risk_fraction of the equity is at risk: position_cap, symbol_budget, lot_size, minimum (below the smallest lot), weak (not sized). Null where nothing does.';
COMMENT ON COLUMN signals.stop_from IS 'Pattern whose stop it is, or atr: none was fit.';
COMMENT ON COLUMN signals.target_from IS 'Pattern whose target it is; reward: a multiple of the risk; reach: as far as it can expect to go while it lives.';
COMMENT ON COLUMN signals.plan_remark IS 'What is to be said of the plan; null where nothing is.';
COMMENT ON COLUMN signals.tick_size IS 'Price step that stop and target were rounded to, in quote units; null where none was known.';
COMMENT ON COLUMN signals.lot_size IS 'Step that the size was rounded down to, in base units; null where none was known.';
COMMENT ON COLUMN signals.expires_at IS 'When the votes that it rests on are over; null of neutral signals. A later opposite signal of the timeframe closes it before.';
COMMENT ON COLUMN signals.reasons IS 'Pieces of evidence that were counted, each by its surest pattern, patterns that are one piece with them (alike), and patterns overridden, each with its confidence, shape and vote.';
COMMENT ON COLUMN signals.equity IS 'Equity the position is sized for, in quote units: size, notional and risk are in proportion to it.';
COMMENT ON COLUMN signals.calibration_note IS 'How often confidence was right at its levels on this timeframe, in the newest calibration (score_notes); null before there is one. Confidence is what signals are gated by.';
COMMENT ON COLUMN signals.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signals.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signals.created_at IS 'When the present values were made.';
COMMENT ON COLUMN signals.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals.timeframe_id IS 'Key of the timeframe, for joins.';
COMMENT ON COLUMN signals.id IS 'Names it for ever: alphapulse draw signal ID.';
