CREATE OR REPLACE VIEW option_contracts_listed AS
SELECT c.provider, c.name, c.currency, c.expiry, c.strike, c.kind,
    CASE WHEN c.last_seen = n.newest THEN 'listed' WHEN c.expiry <= n.newest THEN 'expired' ELSE 'gone' END AS state,
    c.settle, c.inverse, c.contract_size, c.listed_at, c.first_seen, c.last_seen,
    c.contract_id
FROM option_contracts AS c
JOIN (
    SELECT provider, currency, max(last_seen) AS newest FROM option_contracts
    GROUP BY provider, currency
) AS n USING (provider, currency);
COMMENT ON VIEW option_contracts_listed IS 'Options with their terms, and whether they are still listed.';
COMMENT ON COLUMN option_contracts_listed.provider IS 'Who lists it.';
COMMENT ON COLUMN option_contracts_listed.name IS 'The provider''s name of the option.';
COMMENT ON COLUMN option_contracts_listed.currency IS 'Family of options.';
COMMENT ON COLUMN option_contracts_listed.expiry IS 'When it expires.';
COMMENT ON COLUMN option_contracts_listed.strike IS 'Strike, in dollars.';
COMMENT ON COLUMN option_contracts_listed.kind IS 'call or put.';
COMMENT ON COLUMN option_contracts_listed.state IS 'listed: in the newest list of its family; expired: its expiry was over by then; gone: neither.';
COMMENT ON COLUMN option_contracts_listed.settle IS 'Currency of settlement.';
COMMENT ON COLUMN option_contracts_listed.inverse IS 'Whether it is settled in the coin that it is on.';
COMMENT ON COLUMN option_contracts_listed.contract_size IS 'Coins of one contract.';
COMMENT ON COLUMN option_contracts_listed.listed_at IS 'When the provider listed it.';
COMMENT ON COLUMN option_contracts_listed.first_seen IS 'When we first saw it listed.';
COMMENT ON COLUMN option_contracts_listed.last_seen IS 'When we last saw it listed.';
COMMENT ON COLUMN option_contracts_listed.contract_id IS 'Key of the option, for joins.';
