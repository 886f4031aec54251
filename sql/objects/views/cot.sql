CREATE OR REPLACE VIEW cot AS
SELECT p.provider, p.report, c.base, c.name, p.contract, p.trader_group, p.ts, p.known_at, p.first_known_at, p.revision,
    p.long_contracts * c.contract_size AS long, p.short_contracts * c.contract_size AS short,
    p.spread_contracts * c.contract_size AS spread, (p.long_contracts - p.short_contracts) * c.contract_size AS net,
    (p.change_long - p.change_short) * c.contract_size AS net_change, p.open_interest * c.contract_size AS open_interest,
    (p.long_contracts - p.short_contracts)::double precision / nullif(p.open_interest, 0) AS net_share,
    p.traders_long, p.traders_short, p.traders_spread, c.contract_size
FROM (
    SELECT DISTINCT ON (provider, report, contract, trader_group, ts) *,
        min(known_at) OVER (PARTITION BY provider, report, contract, trader_group, ts) AS first_known_at
    FROM institutional_positions
    ORDER BY provider, report, contract, trader_group, ts, revision DESC
) AS p
JOIN institutional_contracts AS c USING (contract);
COMMENT ON VIEW cot IS 'Commitments of Traders in coins, as told last: who holds CME''s Bitcoin and Ether futures. What was known at a time is told by the function cot_as_of.';
COMMENT ON COLUMN cot.provider IS 'Who reports: cftc.';
COMMENT ON COLUMN cot.report IS 'futures: futures only; combined: futures, and options by their deltas.';
COMMENT ON COLUMN cot.base IS 'Coin.';
COMMENT ON COLUMN cot.name IS 'Name of the contract. A coin has several: add them up.';
COMMENT ON COLUMN cot.contract IS 'The CFTC''s code of the contract.';
COMMENT ON COLUMN cot.trader_group IS 'dealer, asset_manager, leveraged, other or small (too small to report).';
COMMENT ON COLUMN cot.ts IS 'Day whose closing positions these are (UTC midnight of it). Not when they were known.';
COMMENT ON COLUMN cot.known_at IS 'When these figures could first be known: their release, or when they were seen to be revised.';
COMMENT ON COLUMN cot.first_known_at IS 'When the week was first known, whatever was told then.';
COMMENT ON COLUMN cot.revision IS '0: never revised.';
COMMENT ON COLUMN cot.long IS 'Coins held long, without spreads.';
COMMENT ON COLUMN cot.short IS 'Coins held short, without spreads.';
COMMENT ON COLUMN cot.spread IS 'Coins held long in one month and short in another, counted once; null for small.';
COMMENT ON COLUMN cot.net IS 'Long minus short, in coins.';
COMMENT ON COLUMN cot.net_change IS 'Change of that since the report before, as reported; null in the first.';
COMMENT ON COLUMN cot.open_interest IS 'Open interest of the contract in coins.';
COMMENT ON COLUMN cot.net_share IS 'Net position as a share of the open interest.';
COMMENT ON COLUMN cot.traders_long IS 'Traders who are long; null where fewer than four.';
COMMENT ON COLUMN cot.traders_short IS 'Traders who are short; null where fewer than four.';
COMMENT ON COLUMN cot.traders_spread IS 'Traders who hold spreads; null where fewer than four.';
COMMENT ON COLUMN cot.contract_size IS 'Coins of one contract.';
