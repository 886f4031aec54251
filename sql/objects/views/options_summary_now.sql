CREATE OR REPLACE VIEW options_summary_now AS
SELECT s.*
FROM (SELECT DISTINCT provider, currency FROM option_contracts) AS f
CROSS JOIN LATERAL (
    SELECT ts FROM option_summaries
    WHERE provider = f.provider AND currency = f.currency AND logic_version > 0
    ORDER BY ts DESC LIMIT 1
) AS n
JOIN options_summary AS s ON s.provider = f.provider AND s.currency = f.currency AND s.ts = n.ts;
COMMENT ON VIEW options_summary_now IS 'The newest of options_summary, family by family.';
COMMENT ON COLUMN options_summary_now.provider IS 'Who lists them.';
COMMENT ON COLUMN options_summary_now.currency IS 'Family of options: BTC and ETH are settled in the coin, SOL_USDC and the like in USDC.';
COMMENT ON COLUMN options_summary_now.expiry IS 'When they expire; null: all expiries together.';
COMMENT ON COLUMN options_summary_now.ts IS 'Time of the snapshot.';
COMMENT ON COLUMN options_summary_now.price IS 'Price of the coin, in dollars: for delivery at the expiry, of all expiries the price index.';
COMMENT ON COLUMN options_summary_now.calls_open_interest IS 'Open interest of calls, in coins.';
COMMENT ON COLUMN options_summary_now.puts_open_interest IS 'Open interest of puts, in coins.';
COMMENT ON COLUMN options_summary_now.put_call_open_interest IS 'Open interest of puts over that of calls; null without calls.';
COMMENT ON COLUMN options_summary_now.calls_volume_24h IS 'Volume of calls of the last 24 hours, in coins.';
COMMENT ON COLUMN options_summary_now.puts_volume_24h IS 'Volume of puts of the last 24 hours, in coins.';
COMMENT ON COLUMN options_summary_now.put_call_volume IS 'Volume of puts over that of calls; null without calls.';
COMMENT ON COLUMN options_summary_now.max_pain IS 'Strike at which they would pay least, in dollars; null of all expiries, which have none.';
COMMENT ON COLUMN options_summary_now.atm_iv IS 'At-the-money volatility, of a year, in percent; of all expiries that of 30 days.';
COMMENT ON COLUMN options_summary_now.skew_25d IS 'Volatility of the 25-delta call less that of the put, in points of percent; of all expiries that of 30 days.';
COMMENT ON COLUMN options_summary_now.butterfly_25d IS 'Mean of these two less atm_iv, in points of percent; null of all expiries.';
COMMENT ON COLUMN options_summary_now.atm_iv_7d IS 'At-the-money volatility for 7 days, of all expiries.';
COMMENT ON COLUMN options_summary_now.atm_iv_30d IS 'The same for 30 days.';
COMMENT ON COLUMN options_summary_now.atm_iv_90d IS 'The same for 90 days.';
COMMENT ON COLUMN options_summary_now.atm_iv_180d IS 'The same for 180 days.';
COMMENT ON COLUMN options_summary_now.volatility_index IS 'The volatility index at the end of the last hour that was over, in percent; null where there is none or none came.';
COMMENT ON COLUMN options_summary_now.contracts IS 'Options that were quoted.';
COMMENT ON COLUMN options_summary_now.known_at IS 'When it could first be known.';
COMMENT ON COLUMN options_summary_now.logic_version IS 'Version of the rules.';
COMMENT ON COLUMN options_summary_now.created_at IS 'When the present values were made.';
