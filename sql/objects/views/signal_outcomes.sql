CREATE OR REPLACE VIEW signal_outcomes AS
SELECT
    i.venue,
    i.symbol,
    t.timeframe,
    v.ts,
    v.signal,
    v.side,
    v.trigger,
    v.regime,
    v.state,
    CASE v.state WHEN 'stopped' THEN 'stop' WHEN 'target' THEN 'target' WHEN 'open' THEN NULL ELSE 'neither' END AS first_touch,
    v.told_at,
    v.entry_at,
    v.entry,
    v.closed_at,
    v.exit,
    v.bars,
    v.gross_pct,
    v.cost_pct,
    v.gross_pct - v.cost_pct AS net_pct,
    v.gross_r,
    v.cost_r,
    v.gross_r - v.cost_r AS net_r,
    v.favourable_pct,
    v.adverse_pct,
    v.favourable_r,
    v.adverse_r,
    v.ambiguous,
    v.resolution,
    v.remark,
    v.planned_entry,
    v.stop,
    v.target,
    v.expires_at,
    v.size,
    date_trunc('month', v.ts, 'UTC') AS month,
    v.known_at,
    v.signal_version,
    v.configuration_version,
    v.logic_version,
    v.created_at,
    v.instrument_id,
    v.timeframe_id
FROM signal_outcome_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        -- where a newer version looked, what it did not find is none
        SELECT FROM derived_windows AS n
        WHERE n.dataset = 'signal_outcomes' AND n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id
            AND n.logic_version > v.logic_version AND n.windows @> v.ts
    )
    AND NOT EXISTS (
        -- of the signals that the view signals shows
        SELECT FROM signal_windows AS n
        WHERE n.dataset = 'signals' AND n.instrument_id = v.instrument_id AND n.windows @> v.told_at
            AND (n.logic_version, n.configuration_version) > (v.signal_version, v.configuration_version)
    );
COMMENT ON VIEW signal_outcomes IS 'What came of each signal that is not neutral: entered at the next bar''s open; state, times, return before and after costs, excursions.';
COMMENT ON COLUMN signal_outcomes.venue IS 'Venue.';
COMMENT ON COLUMN signal_outcomes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signal_outcomes.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN signal_outcomes.ts IS 'Open time of the bar whose close told the signal.';
COMMENT ON COLUMN signal_outcomes.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_outcomes.side IS 'buy or sell.';
COMMENT ON COLUMN signal_outcomes.trigger IS 'The pattern that gave the signal.';
COMMENT ON COLUMN signal_outcomes.regime IS 'Trend at the signal''s bar (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN signal_outcomes.state IS 'open, stopped, target, expired, or closed by a later signal the other way.';
COMMENT ON COLUMN signal_outcomes.first_touch IS 'What was touched first: stop, target or neither; null while open.';
COMMENT ON COLUMN signal_outcomes.told_at IS 'When the signal was known: the close of its bar.';
COMMENT ON COLUMN signal_outcomes.entry_at IS 'Open time of the first bar after the signal; null before there is one.';
COMMENT ON COLUMN signal_outcomes.entry IS 'Open of that bar, in quote units: where it is entered.';
COMMENT ON COLUMN signal_outcomes.closed_at IS 'When it was left: at the open of a bar where that jumped over a level or came too late, else at the close of the bar that decided. This and what follows is null while open.';
COMMENT ON COLUMN signal_outcomes.exit IS 'Price at which it was left, in quote units; null of one that was over before a bar could enter it.';
COMMENT ON COLUMN signal_outcomes.bars IS 'Bars from the entry to the one that decided, both counted.';
COMMENT ON COLUMN signal_outcomes.gross_pct IS 'Return the signal''s way from entry to exit, in per cent.';
COMMENT ON COLUMN signal_outcomes.cost_pct IS 'Fees and slippage of both sides, in per cent: the net return is less by so much.';
COMMENT ON COLUMN signal_outcomes.net_pct IS 'Return after costs, in per cent.';
COMMENT ON COLUMN signal_outcomes.gross_r IS 'The return in units of the planned risk (planned entry to stop); null without a plan.';
COMMENT ON COLUMN signal_outcomes.cost_r IS 'The costs in these units.';
COMMENT ON COLUMN signal_outcomes.net_r IS 'Return after costs in units of the planned risk.';
COMMENT ON COLUMN signal_outcomes.favourable_pct IS 'Farthest the signal''s way before the exit, in per cent, 0 or more; of the bar that decided the exit alone counts.';
COMMENT ON COLUMN signal_outcomes.adverse_pct IS 'Farthest against it, likewise.';
COMMENT ON COLUMN signal_outcomes.favourable_r IS 'favourable_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcomes.adverse_r IS 'adverse_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcomes.ambiguous IS 'Whether one bar touched stop and target in an order that nobody knows: the stop counts.';
COMMENT ON COLUMN signal_outcomes.resolution IS 'Bars that told which level came first: the timeframe, or 1m where one bar touched both and minutes told.';
COMMENT ON COLUMN signal_outcomes.remark IS 'gap: bars are missing in its life, so that it took longer or was over before a bar told; else null.';
COMMENT ON COLUMN signal_outcomes.planned_entry IS 'Entry that the plan was made for: the close of the signal''s bar, in quote units.';
COMMENT ON COLUMN signal_outcomes.stop IS 'Price at which the signal is wrong, in quote units; null of a signal without a plan.';
COMMENT ON COLUMN signal_outcomes.target IS 'Price it aims at, in quote units; null likewise.';
COMMENT ON COLUMN signal_outcomes.expires_at IS 'When its time is over.';
COMMENT ON COLUMN signal_outcomes.size IS 'Size of the position, in base units; null without a plan.';
COMMENT ON COLUMN signal_outcomes.month IS 'Month of the signal (UTC).';
COMMENT ON COLUMN signal_outcomes.known_at IS 'Close of the bar that decided. While open: close of the bar of the entry, and before there is one, when the signal was known.';
COMMENT ON COLUMN signal_outcomes.signal_version IS 'Version of the rules that gave the signal (signal_events.logic_version).';
COMMENT ON COLUMN signal_outcomes.configuration_version IS 'Configuration of the signal, and of the costs (pattern_configurations).';
COMMENT ON COLUMN signal_outcomes.logic_version IS 'Version of the rules that followed it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_outcomes.created_at IS 'When the present values were made.';
COMMENT ON COLUMN signal_outcomes.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signal_outcomes.timeframe_id IS 'Key of the timeframe, for joins.';
