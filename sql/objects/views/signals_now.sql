CREATE OR REPLACE VIEW signals_now AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.net, s.confidence, s.patterns,
    s.run, s.overridden_by, s.trigger, s.entry, s.atr, s.stop, s.target, s.risk_atr, s.reward_risk, s.size,
    s.notional, s.risk, s.capped, s.expires_at, s.reasons, s.equity, s.configuration_version, s.logic_version,
    s.instrument_id, coalesce(o.state, 'open') AS state, o.entry_at, o.entry AS entered, s.evidence, s.against,
    s.risk_limited_by, g.grade, g.probability, g.probability_low, g.probability_high, g.break_even
FROM signals AS s
LEFT JOIN LATERAL (
    SELECT v.state, v.entry_at, v.entry
    FROM signal_outcome_events AS v
    WHERE v.instrument_id = s.instrument_id AND v.timeframe_id = s.timeframe_id AND v.ts = s.ts
        AND v.configuration_version = s.configuration_version AND v.signal_version = s.logic_version
        AND v.logic_version > 0
    ORDER BY v.logic_version DESC LIMIT 1
) AS o ON true
LEFT JOIN LATERAL (
    SELECT v.grade, v.probability, v.probability_low, v.probability_high, v.break_even
    FROM signal_grades AS v
    WHERE v.instrument_id = s.instrument_id AND v.timeframe = s.timeframe AND v.ts = s.ts
        AND v.configuration_version = s.configuration_version AND v.logic_version = s.logic_version
) AS g ON true
WHERE s.expires_at > now() AND s.known_at <= now()
    -- ten weeks of life, of a weekly chart pattern: none that lives began earlier
    AND s.ts >= now() - INTERVAL '80 days'
    AND coalesce(o.state, 'open') = 'open';
COMMENT ON VIEW signals_now IS 'Signals that are alive: not neutral, and at the newest closed bars neither stopped, at their target, expired, nor closed by a later one the other way.';
COMMENT ON COLUMN signals_now.venue IS 'Venue.';
COMMENT ON COLUMN signals_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_now.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_now.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_now.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_now.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_now.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals_now.net IS 'Votes for less votes against over all votes left, -1 to 1.';
COMMENT ON COLUMN signals_now.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals_now.patterns IS 'Different winning patterns.';
COMMENT ON COLUMN signals_now.run IS 'Consecutive timeframes that go its way; 0 of a signal that does not stand.';
COMMENT ON COLUMN signals_now.overridden_by IS 'Higher timeframe that goes the other way; the signal is neutral then.';
COMMENT ON COLUMN signals_now.trigger IS 'The surest new pattern.';
COMMENT ON COLUMN signals_now.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_now.atr IS 'Mean true range of 14 bars, in quote units; null in its warm-up.';
COMMENT ON COLUMN signals_now.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signals_now.target IS 'Price it aims at.';
COMMENT ON COLUMN signals_now.risk_atr IS 'Distance from entry to stop, in ATR.';
COMMENT ON COLUMN signals_now.reward_risk IS 'Distance to the target over that to the stop.';
COMMENT ON COLUMN signals_now.size IS 'Size of the position, in base units.';
COMMENT ON COLUMN signals_now.notional IS 'What it is worth at the entry, in quote units.';
COMMENT ON COLUMN signals_now.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signals_now.capped IS 'Whether the cap made the position smaller than its risk allows.';
COMMENT ON COLUMN signals_now.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals_now.reasons IS 'Patterns that were counted and those overridden, each with its confidence and vote.';
COMMENT ON COLUMN signals_now.equity IS 'Equity the position is sized for, in quote units: size, notional and risk are in proportion to it.';
COMMENT ON COLUMN signals_now.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signals_now.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signals_now.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals_now.state IS 'open; what becomes of it afterwards is in signal_outcomes.';
COMMENT ON COLUMN signals_now.entry_at IS 'Open time of the first bar after it; null as long as that bar has not closed.';
COMMENT ON COLUMN signals_now.entered IS 'Open of that bar, in quote units: where it is entered.';
COMMENT ON COLUMN signals_now.evidence IS 'Different winning pieces of evidence: shapes, whatever their names.';
COMMENT ON COLUMN signals_now.against IS 'Higher timeframe with a live signal the other way; the signal is weak then.';
COMMENT ON COLUMN signals_now.risk_limited_by IS 'Why less than risk_fraction of the equity is at risk; null where nothing limits it.';
COMMENT ON COLUMN signals_now.grade IS 'A where probability_low is above break_even, B where probability is, C: no demonstrated value (signal_grades).';
COMMENT ON COLUMN signals_now.probability IS 'That the return its way exceeds the costs, 0 to 1; null where nothing is known of its evidence. What signals are ranked by.';
COMMENT ON COLUMN signals_now.probability_low IS 'Lower bound, at 95 %.';
COMMENT ON COLUMN signals_now.probability_high IS 'Upper bound, at 95 %.';
COMMENT ON COLUMN signals_now.break_even IS 'Share right at which wins pay for losses and costs.';
