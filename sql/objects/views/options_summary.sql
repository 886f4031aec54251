CREATE OR REPLACE VIEW options_summary AS
SELECT s.provider, s.currency, s.expiry, s.ts, s.price,
    s.calls_open_interest, s.puts_open_interest, s.put_call_open_interest,
    s.calls_volume_24h, s.puts_volume_24h, s.put_call_volume,
    s.max_pain, s.atm_iv, s.skew_25d, s.butterfly_25d,
    s.atm_iv_7d, s.atm_iv_30d, s.atm_iv_90d, s.atm_iv_180d,
    v.close AS volatility_index,
    s.contracts, s.known_at, s.logic_version, s.created_at
FROM (
    SELECT provider, currency, expiry, ts, forward AS price,
        calls_open_interest, puts_open_interest, put_call_open_interest,
        calls_volume_24h, puts_volume_24h, put_call_volume,
        max_pain, atm_iv, skew_25d, butterfly_25d,
        NULL::double precision AS atm_iv_7d, NULL::double precision AS atm_iv_30d,
        NULL::double precision AS atm_iv_90d, NULL::double precision AS atm_iv_180d,
        contracts, known_at, logic_version, created_at
    FROM option_expiry_summaries
    UNION ALL
    SELECT provider, currency, NULL, ts, index_price,
        calls_open_interest, puts_open_interest, put_call_open_interest,
        calls_volume_24h, puts_volume_24h, put_call_volume,
        NULL, atm_iv_30d, skew_30d, NULL,
        atm_iv_7d, atm_iv_30d, atm_iv_90d, atm_iv_180d,
        contracts, known_at, logic_version, created_at
    FROM option_summaries
) AS s
LEFT JOIN LATERAL (
    SELECT close FROM volatility_index_candles
    WHERE provider = s.provider AND series = s.currency
        AND ts <= s.ts - INTERVAL '1 hour' AND ts > s.ts - INTERVAL '1 day'
    ORDER BY ts DESC LIMIT 1
) AS v ON true
WHERE s.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM option_summaries AS n
        WHERE n.provider = s.provider AND n.currency = s.currency AND n.ts = s.ts
            AND n.logic_version > s.logic_version
    );
COMMENT ON VIEW options_summary IS 'What options sum up to, every fifteen minutes: open interest, puts against calls, max pain, volatility at the money, skew, term structure and volatility index, expiry by expiry and of all together, in the newest version.';
COMMENT ON COLUMN options_summary.provider IS 'Who lists them.';
COMMENT ON COLUMN options_summary.currency IS 'Family of options: BTC and ETH are settled in the coin, SOL_USDC and the like in USDC.';
COMMENT ON COLUMN options_summary.expiry IS 'When they expire; null: all expiries together.';
COMMENT ON COLUMN options_summary.ts IS 'Time of the snapshot.';
COMMENT ON COLUMN options_summary.price IS 'Price of the coin, in dollars: for delivery at the expiry, of all expiries the price index.';
COMMENT ON COLUMN options_summary.calls_open_interest IS 'Open interest of calls, in coins.';
COMMENT ON COLUMN options_summary.puts_open_interest IS 'Open interest of puts, in coins.';
COMMENT ON COLUMN options_summary.put_call_open_interest IS 'Open interest of puts over that of calls; null without calls.';
COMMENT ON COLUMN options_summary.calls_volume_24h IS 'Volume of calls of the last 24 hours, in coins.';
COMMENT ON COLUMN options_summary.puts_volume_24h IS 'Volume of puts of the last 24 hours, in coins.';
COMMENT ON COLUMN options_summary.put_call_volume IS 'Volume of puts over that of calls; null without calls.';
COMMENT ON COLUMN options_summary.max_pain IS 'Strike at which they would pay least, in dollars; null of all expiries, which have none.';
COMMENT ON COLUMN options_summary.atm_iv IS 'At-the-money volatility, of a year, in percent; of all expiries that of 30 days.';
COMMENT ON COLUMN options_summary.skew_25d IS 'Volatility of the 25-delta call less that of the put, in points of percent; of all expiries that of 30 days.';
COMMENT ON COLUMN options_summary.butterfly_25d IS 'Mean of these two less atm_iv, in points of percent; null of all expiries.';
COMMENT ON COLUMN options_summary.atm_iv_7d IS 'At-the-money volatility for 7 days, of all expiries.';
COMMENT ON COLUMN options_summary.atm_iv_30d IS 'The same for 30 days.';
COMMENT ON COLUMN options_summary.atm_iv_90d IS 'The same for 90 days.';
COMMENT ON COLUMN options_summary.atm_iv_180d IS 'The same for 180 days.';
COMMENT ON COLUMN options_summary.volatility_index IS 'The volatility index at the end of the last hour that was over, in percent; null where there is none or none came.';
COMMENT ON COLUMN options_summary.contracts IS 'Options that were quoted.';
COMMENT ON COLUMN options_summary.known_at IS 'When it could first be known.';
COMMENT ON COLUMN options_summary.logic_version IS 'Version of the rules.';
COMMENT ON COLUMN options_summary.created_at IS 'When the present values were made.';
