-- As the view cot, of what was known then.
SELECT p.provider, p.report, c.base, c.name, p.contract, p.trader_group, p.ts, p.known_at, p.first_known_at, p.revision,
    p.long_contracts * c.contract_size AS long, p.short_contracts * c.contract_size AS short,
    p.spread_contracts * c.contract_size AS spread, (p.long_contracts - p.short_contracts) * c.contract_size AS net,
    (p.change_long - p.change_short) * c.contract_size AS net_change,
    p.open_interest * c.contract_size AS open_interest,
    (p.long_contracts - p.short_contracts)::double precision / nullif(p.open_interest, 0) AS net_share,
    p.traders_long, p.traders_short, p.traders_spread, c.contract_size
FROM (
    SELECT DISTINCT ON (v.provider, v.report, v.contract, v.trader_group, v.ts) v.*,
        min(v.known_at) OVER (PARTITION BY v.provider, v.report, v.contract, v.trader_group, v.ts) AS first_known_at
    FROM institutional_positions AS v
    WHERE v.known_at <= {as_of}
    ORDER BY v.provider, v.report, v.contract, v.trader_group, v.ts, v.revision DESC
) AS p
JOIN institutional_contracts AS c USING (contract)
