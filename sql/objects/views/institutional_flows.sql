-- what was known when each day ended, and nothing of later
CREATE OR REPLACE VIEW institutional_flows AS
WITH span AS (
    SELECT date_trunc('day', least(
            (SELECT min(known_at) FROM institutional_positions), (SELECT min(known_at) FROM etf_flows),
            (SELECT min(known_at) FROM stablecoin_supply WHERE stablecoin = 'all')
        ), 'UTC') AS first
)
SELECT b.base, d.day, d.day + INTERVAL '24 hours' AS known_at, p.ts AS positions_ts, p.leveraged_net, p.asset_manager_net,
    p.dealer_net, p.other_net, p.small_net, p.open_interest, e.ts AS etf_ts, e.flow_usd AS etf_flow_usd, e.flow_week_usd
    AS etf_flow_week_usd, s.ts AS stablecoin_ts, s.circulating_usd AS stablecoin_supply_usd,
    s.circulating_usd - y.circulating_usd AS stablecoin_issuance_usd,
    s.circulating_usd - w.circulating_usd AS stablecoin_issuance_week_usd
FROM span
CROSS JOIN LATERAL generate_series(span.first, clock_timestamp(), INTERVAL '24 hours') AS d (day)
CROSS JOIN (VALUES ('BTC'), ('ETH')) AS b (base)
LEFT JOIN LATERAL (
    SELECT w.ts, sum(net) FILTER (WHERE trader_group = 'leveraged') AS leveraged_net,
        sum(net) FILTER (WHERE trader_group = 'asset_manager') AS asset_manager_net,
        sum(net) FILTER (WHERE trader_group = 'dealer') AS dealer_net,
        sum(net) FILTER (WHERE trader_group = 'other') AS other_net,
        sum(net) FILTER (WHERE trader_group = 'small') AS small_net,
        sum(open_interest) FILTER (WHERE trader_group = 'small') AS open_interest
    FROM (
        SELECT DISTINCT ON (i.contract, i.trader_group) i.contract, i.trader_group, i.ts,
            (i.long_contracts - i.short_contracts) * c.contract_size AS net, i.open_interest * c.contract_size AS open_interest
        FROM institutional_positions AS i
        JOIN institutional_contracts AS c USING (contract)
        WHERE c.base = b.base AND i.report = 'futures' AND i.known_at < d.day + INTERVAL '24 hours'
            AND i.ts > d.day - INTERVAL '2400 hours' AND i.ts <= d.day
        ORDER BY i.contract, i.trader_group, i.ts DESC, i.revision DESC
    ) AS w
    GROUP BY w.ts
    ORDER BY w.ts DESC
    LIMIT 1
) AS p ON true
LEFT JOIN LATERAL (
    SELECT max(f.ts) AS ts, (array_agg(f.flow_usd ORDER BY f.ts DESC))[1] AS flow_usd,
        sum(f.flow_usd) FILTER (WHERE f.ts > d.day - INTERVAL '168 hours') AS flow_week_usd
    FROM (
        SELECT DISTINCT ON (provider, ts) ts, flow_usd
        FROM etf_flows
        WHERE asset = b.base AND fund = 'all' AND known_at < d.day + INTERVAL '24 hours'
            AND ts > d.day - INTERVAL '240 hours' AND ts <= d.day
        ORDER BY provider, ts, revision DESC
    ) AS f
) AS e ON true
LEFT JOIN LATERAL (
    SELECT n.provider, n.ts, n.circulating_usd
    FROM stablecoin_supply AS n
    WHERE n.stablecoin = 'all' AND n.known_at < d.day + INTERVAL '24 hours' AND n.ts > d.day - INTERVAL '240 hours'
    ORDER BY n.ts DESC, n.revision DESC
    LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT n.circulating_usd
    FROM stablecoin_supply AS n
    WHERE n.stablecoin = 'all' AND n.provider = s.provider AND n.known_at < d.day + INTERVAL '24 hours'
        AND n.ts <= s.ts - INTERVAL '24 hours' AND n.ts > s.ts - INTERVAL '30 hours'
    ORDER BY n.ts DESC, n.revision DESC
    LIMIT 1
) AS y ON true
LEFT JOIN LATERAL (
    SELECT n.circulating_usd
    FROM stablecoin_supply AS n
    WHERE n.stablecoin = 'all' AND n.provider = s.provider AND n.known_at < d.day + INTERVAL '24 hours'
        AND n.ts <= s.ts - INTERVAL '168 hours' AND n.ts > s.ts - INTERVAL '174 hours'
    ORDER BY n.ts DESC, n.revision DESC
    LIMIT 1
) AS w ON true;
COMMENT ON VIEW institutional_flows IS 'What institutions and stablecoins did, as it was known when each UTC day ended: a row a day and coin, to be joined with prices without looking ahead.';
COMMENT ON COLUMN institutional_flows.base IS 'Coin: BTC or ETH.';
COMMENT ON COLUMN institutional_flows.day IS 'Start of the UTC day.';
COMMENT ON COLUMN institutional_flows.known_at IS 'When all of the row could be known at the latest: the end of the day.';
COMMENT ON COLUMN institutional_flows.positions_ts IS 'Day that the newest report was about; null where none of the last hundred days was known.';
COMMENT ON COLUMN institutional_flows.leveraged_net IS 'Net position of leveraged funds in coins, of all contracts with that report, futures only.';
COMMENT ON COLUMN institutional_flows.asset_manager_net IS 'The same of asset managers.';
COMMENT ON COLUMN institutional_flows.dealer_net IS 'The same of dealers.';
COMMENT ON COLUMN institutional_flows.other_net IS 'The same of others who report.';
COMMENT ON COLUMN institutional_flows.small_net IS 'The same of those who are too small to.';
COMMENT ON COLUMN institutional_flows.open_interest IS 'Open interest of these contracts in coins.';
COMMENT ON COLUMN institutional_flows.etf_ts IS 'Newest trading day whose flows were known; null without a key, and where none of the last ten days was.';
COMMENT ON COLUMN institutional_flows.etf_flow_usd IS 'Net flow of all spot ETFs of the coin on that day, in USD.';
COMMENT ON COLUMN institutional_flows.etf_flow_week_usd IS 'Sum of the known days of the last seven.';
COMMENT ON COLUMN institutional_flows.stablecoin_ts IS 'Moment of the newest supply of all stablecoins that was known; null where none of the last ten days was.';
COMMENT ON COLUMN institutional_flows.stablecoin_supply_usd IS 'That supply, in USD.';
COMMENT ON COLUMN institutional_flows.stablecoin_issuance_usd IS 'What it had grown by since a day before, in USD; null where the supply of then (up to six hours sooner) was not known.';
COMMENT ON COLUMN institutional_flows.stablecoin_issuance_week_usd IS 'What it had grown by since seven days before.';
