CREATE OR REPLACE VIEW portfolio_risk AS
SELECT
    v.account, v.ts, v.level, v.positions, v.gross, v.net, v.equity, v.leverage, v.leverage_reason, v.value_at_risk,
    v.expected_shortfall, v.alone, v.days, v.first_day, v.last_day, v.reason, v.left_out, v.known_at,
    v.logic_version
FROM portfolio_risks AS v
WHERE (v.ts, v.logic_version) = (
    SELECT n.ts, n.logic_version FROM portfolio_risks AS n WHERE n.account = v.account
    ORDER BY n.ts DESC, n.logic_version DESC LIMIT 1
);
COMMENT ON VIEW portfolio_risk IS 'Leverage and value at risk of each account, and of all together, at the newest instant they were told of.';
COMMENT ON COLUMN portfolio_risk.account IS 'Account (positions); all: all of them together.';
COMMENT ON COLUMN portfolio_risk.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN portfolio_risk.level IS 'Level of the value at risk: 0.95 says that one day of twenty is worse.';
COMMENT ON COLUMN portfolio_risk.positions IS 'Positions in it.';
COMMENT ON COLUMN portfolio_risk.gross IS 'What they are worth, whatever their side, in dollars.';
COMMENT ON COLUMN portfolio_risk.net IS 'Longs less shorts, in dollars.';
COMMENT ON COLUMN portfolio_risk.equity IS 'Balances in dollars and unrealised gains of what settles in them; null where no balance is known.';
COMMENT ON COLUMN portfolio_risk.leverage IS 'gross over equity; null: see leverage_reason.';
COMMENT ON COLUMN portfolio_risk.leverage_reason IS 'Why there is no leverage.';
COMMENT ON COLUMN portfolio_risk.value_at_risk IS 'Loss of one day that is reached or exceeded on 1 - level of the days, by historical simulation, in dollars; null: see reason.';
COMMENT ON COLUMN portfolio_risk.expected_shortfall IS 'Mean loss of those days, in dollars.';
COMMENT ON COLUMN portfolio_risk.alone IS 'Sum of the value at risk of each position by itself: what is more than value_at_risk is diversification.';
COMMENT ON COLUMN portfolio_risk.days IS 'Days of stored candles that were used: at most 250, those on which all positions have a return.';
COMMENT ON COLUMN portfolio_risk.first_day IS 'First of them (UTC).';
COMMENT ON COLUMN portfolio_risk.last_day IS 'Last of them (UTC).';
COMMENT ON COLUMN portfolio_risk.reason IS 'Why there is no value at risk.';
COMMENT ON COLUMN portfolio_risk.left_out IS 'Positions that are not in it, with the reason.';
COMMENT ON COLUMN portfolio_risk.known_at IS 'When it was known: ts, for it rests on what was known then.';
COMMENT ON COLUMN portfolio_risk.logic_version IS 'Version of the rules that made it.';
