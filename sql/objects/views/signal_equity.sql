CREATE OR REPLACE VIEW signal_equity AS
SELECT
    v.grouped_by, v.value, v.day, v.trades, v.equity, v.drawdown_pct, v.random_equity, v.random_low, v.random_high,
    v.hold_equity, v.ts AS as_of, v.configuration_version, v.logic_version
FROM (
    SELECT n.logic_version, n.configuration_version, n.ts FROM signal_equity_points AS n
    WHERE n.logic_version > 0
    ORDER BY n.logic_version DESC, n.configuration_version DESC, n.ts DESC LIMIT 1
) AS newest
JOIN signal_equity_points AS v USING (logic_version, configuration_version, ts);
COMMENT ON VIEW signal_equity IS 'The account that takes each signal at the next bar''s open at its own size, day by day, beside random entries and holding: the newest one.';
COMMENT ON COLUMN signal_equity.grouped_by IS 'all, timeframe or symbol.';
COMMENT ON COLUMN signal_equity.value IS 'Which of them; all.';
COMMENT ON COLUMN signal_equity.day IS 'Start of the UTC day whose exits are in it.';
COMMENT ON COLUMN signal_equity.trades IS 'Signals that were left by the end of the day.';
COMMENT ON COLUMN signal_equity.equity IS 'The account at its end, in quote units, after costs: each signal taken at the next bar''s open, at its size as a share of the equity.';
COMMENT ON COLUMN signal_equity.drawdown_pct IS 'How far that is below the highest before, in per cent.';
COMMENT ON COLUMN signal_equity.random_equity IS 'The same of as many entries at random bars: median of the draws.';
COMMENT ON COLUMN signal_equity.random_low IS 'Lower bound of it (95 % of the draws).';
COMMENT ON COLUMN signal_equity.random_high IS 'Upper bound of it.';
COMMENT ON COLUMN signal_equity.hold_equity IS 'The same of holding the symbols, in equal parts, from their first entries on, costs once.';
COMMENT ON COLUMN signal_equity.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN signal_equity.configuration_version IS 'Version of the configuration (pattern_configurations): its equity is what the account begins with.';
COMMENT ON COLUMN signal_equity.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
