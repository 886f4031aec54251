CREATE OR REPLACE VIEW signal_risk_now AS
SELECT
    r.venue, r.symbol, r.timeframe, r.ts, r.known_at, r.signal, r.entry, r.stop, r.target, r.expires_at, r.size,
    r.notional, r.risk, r.risk_share, r.symbol_risk_share, r.total_risk_share, r.total_limit, r.size_within_total,
    r.risk_limited_by, r.configuration_version, r.logic_version, r.instrument_id
FROM signal_risk(now()) AS r;
COMMENT ON VIEW signal_risk_now IS 'Signals that live now with what is at risk in each, in its symbol and in all, and the size that the limit of all leaves. By votes and opposite signals: whether a stop was touched is for signal_outcomes to tell. At other times: signal_risk(moment).';
COMMENT ON COLUMN signal_risk_now.venue IS 'Venue.';
COMMENT ON COLUMN signal_risk_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signal_risk_now.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signal_risk_now.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signal_risk_now.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signal_risk_now.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_risk_now.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signal_risk_now.stop IS 'Price at which it is wrong; null where there is no plan.';
COMMENT ON COLUMN signal_risk_now.target IS 'Price it aims at; null where there is no plan.';
COMMENT ON COLUMN signal_risk_now.expires_at IS 'When the votes that it rests on are over.';
COMMENT ON COLUMN signal_risk_now.size IS 'Size of the signal, in base units; 0 of weak ones.';
COMMENT ON COLUMN signal_risk_now.notional IS 'What that is worth at the entry, in quote units.';
COMMENT ON COLUMN signal_risk_now.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signal_risk_now.risk_share IS 'The same over the equity.';
COMMENT ON COLUMN signal_risk_now.symbol_risk_share IS 'That of all live signals of the symbol.';
COMMENT ON COLUMN signal_risk_now.total_risk_share IS 'That of all live signals of all symbols given up to this one, this one included.';
COMMENT ON COLUMN signal_risk_now.total_limit IS 'Share of the equity that all live signals may have at risk (total_risk_fraction of the configuration).';
COMMENT ON COLUMN signal_risk_now.size_within_total IS 'Size that is left by that limit, the earlier signals first; in base units, not rounded to lots.';
COMMENT ON COLUMN signal_risk_now.risk_limited_by IS 'total_budget where that limit makes it smaller, else as in signals.';
COMMENT ON COLUMN signal_risk_now.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signal_risk_now.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN signal_risk_now.instrument_id IS 'Key of the instrument, for joins.';
