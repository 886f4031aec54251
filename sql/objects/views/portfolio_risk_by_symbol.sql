CREATE OR REPLACE VIEW portfolio_risk_by_symbol AS
SELECT
    v.account, i.venue, i.symbol, v.ts, v.level, v.exposure, v.alone, v.component, v.shortfall_component, v.known_at,
    v.logic_version, v.instrument_id
FROM portfolio_risk_parts AS v
JOIN portfolio_risk AS w USING (account, ts, level, logic_version)
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW portfolio_risk_by_symbol IS 'What each symbol adds to the value at risk in portfolio_risk.';
COMMENT ON COLUMN portfolio_risk_by_symbol.account IS 'Account (positions); all: all of them together.';
COMMENT ON COLUMN portfolio_risk_by_symbol.venue IS 'Venue.';
COMMENT ON COLUMN portfolio_risk_by_symbol.symbol IS 'Unified symbol.';
COMMENT ON COLUMN portfolio_risk_by_symbol.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN portfolio_risk_by_symbol.level IS 'Level of the value at risk.';
COMMENT ON COLUMN portfolio_risk_by_symbol.exposure IS 'What is held of it, longs less shorts, in dollars.';
COMMENT ON COLUMN portfolio_risk_by_symbol.alone IS 'Its value at risk by itself, in dollars.';
COMMENT ON COLUMN portfolio_risk_by_symbol.component IS 'Its part of the value at risk, in dollars, by its covariance with the whole; they sum to it, below 0 stands what hedges.';
COMMENT ON COLUMN portfolio_risk_by_symbol.shortfall_component IS 'Its part of the expected shortfall, in dollars: its mean loss on the worst days; they sum to it.';
COMMENT ON COLUMN portfolio_risk_by_symbol.known_at IS 'When it was known.';
COMMENT ON COLUMN portfolio_risk_by_symbol.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN portfolio_risk_by_symbol.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
