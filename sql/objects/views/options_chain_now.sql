CREATE OR REPLACE VIEW options_chain_now AS
SELECT c.provider, c.name, c.currency, c.expiry, c.strike, c.kind, q.ts,
    q.mark_price, q.mark_price * d.dollars AS mark_usd,
    q.bid_price, q.bid_price * d.dollars AS bid_usd,
    q.ask_price, q.ask_price * d.dollars AS ask_usd,
    q.mark_iv, q.open_interest, q.open_interest * q.index_price AS open_interest_usd, q.volume_24h,
    q.underlying_price, q.index_price, q.delta, q.gamma, q.vega, q.theta,
    c.inverse, c.settle, q.known_at, q.logic_version,
    c.contract_id
FROM option_contracts AS c
JOIN (
    SELECT provider, currency, max(last_seen) AS last_seen FROM option_contracts
    GROUP BY provider, currency
) AS newest USING (provider, currency, last_seen)
CROSS JOIN LATERAL (
    SELECT * FROM option_quotes
    WHERE contract_id = c.contract_id
    ORDER BY ts DESC LIMIT 1
) AS q
CROSS JOIN LATERAL (SELECT CASE WHEN c.inverse THEN q.index_price ELSE 1 END AS dollars) AS d;
COMMENT ON VIEW options_chain_now IS 'The newest quote of each option that was in the newest list of its family.';
COMMENT ON COLUMN options_chain_now.provider IS 'Who lists it.';
COMMENT ON COLUMN options_chain_now.name IS 'The provider''s name of the option.';
COMMENT ON COLUMN options_chain_now.currency IS 'Family: BTC and ETH have prices in the coin, SOL_USDC and the like in USDC.';
COMMENT ON COLUMN options_chain_now.expiry IS 'When it expires.';
COMMENT ON COLUMN options_chain_now.strike IS 'Strike, in dollars.';
COMMENT ON COLUMN options_chain_now.kind IS 'call or put.';
COMMENT ON COLUMN options_chain_now.ts IS 'Time of the snapshot.';
COMMENT ON COLUMN options_chain_now.mark_price IS 'The provider''s valuation, in the currency of settlement.';
COMMENT ON COLUMN options_chain_now.mark_usd IS 'The same in dollars, by the price index, as the provider shows it.';
COMMENT ON COLUMN options_chain_now.bid_price IS 'Best bid, in the currency of settlement; null where nobody bids.';
COMMENT ON COLUMN options_chain_now.bid_usd IS 'The same in dollars.';
COMMENT ON COLUMN options_chain_now.ask_price IS 'Best ask, in the currency of settlement; null where nobody offers.';
COMMENT ON COLUMN options_chain_now.ask_usd IS 'The same in dollars.';
COMMENT ON COLUMN options_chain_now.mark_iv IS 'Implied volatility of the mark price, of a year, in percent.';
COMMENT ON COLUMN options_chain_now.open_interest IS 'Open interest, in coins.';
COMMENT ON COLUMN options_chain_now.open_interest_usd IS 'The same in dollars, by the price index.';
COMMENT ON COLUMN options_chain_now.volume_24h IS 'Volume of the last 24 hours, in coins.';
COMMENT ON COLUMN options_chain_now.underlying_price IS 'Price of the coin for delivery at the expiry, in dollars.';
COMMENT ON COLUMN options_chain_now.index_price IS 'Price index of the coin, in dollars.';
COMMENT ON COLUMN options_chain_now.delta IS 'Dollars that an option on one coin gains with a dollar of the underlying price.';
COMMENT ON COLUMN options_chain_now.gamma IS 'What delta gains with a dollar of the underlying price.';
COMMENT ON COLUMN options_chain_now.vega IS 'Dollars that it gains with a point of a hundred of volatility.';
COMMENT ON COLUMN options_chain_now.theta IS 'Dollars that it gains with a day that passes.';
COMMENT ON COLUMN options_chain_now.inverse IS 'Whether it is settled in the coin that it is on.';
COMMENT ON COLUMN options_chain_now.settle IS 'Currency of settlement.';
COMMENT ON COLUMN options_chain_now.known_at IS 'When it was known here.';
COMMENT ON COLUMN options_chain_now.logic_version IS 'Version of the rules of the greeks.';
COMMENT ON COLUMN options_chain_now.contract_id IS 'Key of the option, for joins.';
