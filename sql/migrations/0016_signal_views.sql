-- What analysts read of confidence, confluence and signals: venue, symbol and timeframe by name. Nothing here stores
-- anything. Where several versions looked at a moment the newest is shown; what it did not find there is not.

CREATE OR REPLACE VIEW pattern_confidence AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.known_at, v.family, v.pattern, v.direction, v.stage, v.reference, v.volume, v.trend, v.context,
    v.history, v.convergence, v.volume_coverage, v.trend_coverage, v.context_coverage, v.history_coverage,
    v.convergence_coverage, v.confidence, v.coverage, v.aspect_technical, v.aspect_historical, v.aspect_market,
    v.aspect_volume, v.aspect_technical_coverage, v.aspect_historical_coverage, v.aspect_market_coverage,
    v.aspect_volume_coverage, v.reliability, v.reliability_coverage, v.boost_volume, v.boost_price,
    v.boost_timeframe, v.boosted, v.boosted_coverage, v.volume_weight, v.trend_weight, v.context_weight,
    v.history_weight, v.convergence_weight, v.aspect_technical_weight, v.aspect_historical_weight,
    v.aspect_market_weight, v.aspect_volume_weight, v.level, v.reliability_level, v.boosted_level,
    v.history_as_of, v.configuration_version, v.logic_version, v.created_at, v.instrument_id
FROM pattern_confidences AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'pattern_confidence' AND n.instrument_id = v.instrument_id AND n.windows @> v.known_at
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
);
COMMENT ON VIEW pattern_confidence IS 'How sure each pattern event was when it became known, factor by factor with weights and coverage, in the newest version.';
COMMENT ON COLUMN pattern_confidence.venue IS 'Venue.';
COMMENT ON COLUMN pattern_confidence.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_confidence.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_confidence.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confidence.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confidence.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_confidence.pattern IS 'Name of the pattern.';
COMMENT ON COLUMN pattern_confidence.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_confidence.stage IS 'complete, or of chart patterns any stage of their life.';
COMMENT ON COLUMN pattern_confidence.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confidence.volume IS 'Volume confirmation: how far the bar''s volume exceeds that of the 20 before, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.trend IS 'Trend alignment, on its own and the next higher timeframe, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.context IS 'Market context: volatility, liquidity, the market''s trend, sentiment, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.history IS 'Historical success as known then, less the base rate, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.convergence IS 'Convergence of the consecutive timeframes that lean its way, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.volume_coverage IS 'Share of the parts of volume that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.trend_coverage IS 'Share of the parts of trend that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.context_coverage IS 'Share of the parts of context that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.history_coverage IS 'Share of the parts of history that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.convergence_coverage IS 'Share of the parts of convergence that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.confidence IS 'How sure, 0 to 100: the weighted mean of what is known of the factors. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence.coverage IS 'Share of the weights that is known, 0 to 1; unknown factors move no score and lower this.';
COMMENT ON COLUMN pattern_confidence.aspect_technical IS 'Strength of the pattern, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_historical IS 'Historical success, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_market IS 'Trend and context, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_volume IS 'Volume, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence.aspect_technical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_historical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_market_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.aspect_volume_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.reliability IS 'How reliable, 0 to 100, of the four aspects. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence.reliability_coverage IS 'Share of the aspects'' weights that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.boost_volume IS 'Added for volume, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boost_price IS 'Added for the bar''s move its way, 0 to 20; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boost_timeframe IS 'Added for convergence, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence.boosted IS 'The simpler score: strength and boosts, 100 at most.';
COMMENT ON COLUMN pattern_confidence.boosted_coverage IS 'Share of the boosts that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence.volume_weight IS 'Weight of volume in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.trend_weight IS 'Weight of trend in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.context_weight IS 'Weight of context in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.history_weight IS 'Weight of history in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.convergence_weight IS 'Weight of convergence in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_technical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_historical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_market_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.aspect_volume_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence.level IS 'extreme from 90, high from 75, medium from 60, low from 40, else very low; null where too little is known.';
COMMENT ON COLUMN pattern_confidence.reliability_level IS 'The same of the reliability.';
COMMENT ON COLUMN pattern_confidence.boosted_level IS 'strong above 80, medium from 60, else weak.';
COMMENT ON COLUMN pattern_confidence.history_as_of IS 'As of when the history was known; null where none was.';
COMMENT ON COLUMN pattern_confidence.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confidence.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confidence.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confidence.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW pattern_confluence AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.known_at, v.direction, v.family, v.pattern, v.reference, v.grade, v.run, v.run_first, v.run_last,
    v.confirming, v.contradicting, v.overridden_by, v.convergence, v.configuration_version, v.logic_version,
    v.created_at, v.instrument_id
FROM pattern_confluences AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'pattern_confluence' AND n.instrument_id = v.instrument_id AND n.windows @> v.known_at
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

CREATE OR REPLACE VIEW signals AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.known_at, v.signal, v.score, v.net, v.confidence, v.patterns, v.run, v.overridden_by, v.trigger,
    v.entry, v.atr, v.stop, v.target, v.risk_atr, v.reward_risk, v.size, v.notional, v.risk, v.capped,
    v.expires_at, v.reasons, (k.configuration -> 'sizing' ->> 'equity')::double precision AS equity,
    v.configuration_version, v.logic_version, v.created_at, v.instrument_id
FROM signal_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN pattern_configurations AS k ON k.version = v.configuration_version
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'signals' AND n.instrument_id = v.instrument_id AND n.windows @> v.known_at
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
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
COMMENT ON COLUMN signals.patterns IS 'Different winning patterns.';
COMMENT ON COLUMN signals.run IS 'Consecutive timeframes that go its way; 0 of a signal that does not stand.';
COMMENT ON COLUMN signals.overridden_by IS 'Higher timeframe that goes the other way; the signal is neutral then.';
COMMENT ON COLUMN signals.trigger IS 'The surest new pattern.';
COMMENT ON COLUMN signals.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals.atr IS 'Mean true range of 14 bars, in quote units; null in its warm-up.';
COMMENT ON COLUMN signals.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signals.target IS 'Price it aims at.';
COMMENT ON COLUMN signals.risk_atr IS 'Distance from entry to stop, in ATR.';
COMMENT ON COLUMN signals.reward_risk IS 'Distance to the target over that to the stop.';
COMMENT ON COLUMN signals.size IS 'Size of the position, in base units.';
COMMENT ON COLUMN signals.notional IS 'What it is worth at the entry, in quote units.';
COMMENT ON COLUMN signals.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signals.capped IS 'Whether the cap made the position smaller than its risk allows.';
COMMENT ON COLUMN signals.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals.reasons IS 'Patterns that were counted and those overridden, each with its confidence and vote.';
COMMENT ON COLUMN signals.equity IS 'Equity the position is sized for, in quote units: size, notional and risk are in proportion to it.';
COMMENT ON COLUMN signals.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signals.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signals.created_at IS 'When the present values were made.';
COMMENT ON COLUMN signals.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW signals_now AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.net, s.confidence, s.patterns,
    s.run, s.overridden_by, s.trigger, s.entry, s.atr, s.stop, s.target, s.risk_atr, s.reward_risk, s.size,
    s.notional, s.risk, s.capped, s.expires_at, s.reasons, s.equity, s.configuration_version, s.logic_version,
    s.instrument_id
FROM signals AS s
WHERE s.expires_at > now() AND s.known_at <= now()
    -- a bar of a week and five weeks of life: none that lives began earlier
    AND s.ts >= now() - INTERVAL '60 days'
    AND NOT EXISTS (
        SELECT FROM signals AS n
        WHERE n.instrument_id = s.instrument_id AND n.timeframe = s.timeframe AND n.ts > s.ts AND n.known_at <= now()
    );
COMMENT ON VIEW signals_now IS 'The newest signal of each symbol and timeframe, where it is not neutral and not over.';
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

CREATE OR REPLACE VIEW signals_with_order_book AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.confidence, s.entry, s.stop,
    s.target, s.expires_at, s.instrument_id,
    b.ts AS book_ts, b.mid, b.weighted_mid, b.spread_bps, b.imbalance,
    (b.weighted_mid - b.mid) * sign(s.score) > 0 AS book_agrees
FROM signals AS s
LEFT JOIN LATERAL (
    SELECT o.ts, o.mid, o.weighted_mid, o.spread_bps, o.imbalance
    FROM order_book_snapshots AS o
    WHERE o.instrument_id = s.instrument_id AND o.ts <= s.known_at AND o.ts > s.known_at - INTERVAL '60 seconds'
        AND o.received_at <= s.known_at
    ORDER BY o.ts DESC, o.update_id DESC
    LIMIT 1
) AS b ON true;
COMMENT ON VIEW signals_with_order_book IS 'Signals beside the order book as it was known then: the newest proven book of at most 60 seconds before; null where there was none.';
COMMENT ON COLUMN signals_with_order_book.venue IS 'Venue.';
COMMENT ON COLUMN signals_with_order_book.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_with_order_book.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_with_order_book.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_with_order_book.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_with_order_book.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_with_order_book.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals_with_order_book.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals_with_order_book.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_with_order_book.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signals_with_order_book.target IS 'Price it aims at.';
COMMENT ON COLUMN signals_with_order_book.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals_with_order_book.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals_with_order_book.book_ts IS 'When that was the state of the book, by the venue''s clock; null where no book was known.';
COMMENT ON COLUMN signals_with_order_book.mid IS 'Middle of best bid and ask, in quote units.';
COMMENT ON COLUMN signals_with_order_book.weighted_mid IS 'Weighted mid: (best bid x ask size + best ask x bid size) over both sizes, in quote units.';
COMMENT ON COLUMN signals_with_order_book.spread_bps IS 'Spread over mid, in basis points.';
COMMENT ON COLUMN signals_with_order_book.imbalance IS '(bid size - ask size) over both, of the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN signals_with_order_book.book_agrees IS 'Whether the weighted mid lies on the signal''s side of the mid; false of neutral signals.';
