-- The newest row of a provider, and the newest that was at least an hour older, of the two hours before it.
SELECT n.ts, n.known_at, n.confidence, n.btc_dominance, n.eth_dominance, n.stablecoin_dominance, n.stablecoin_basis,
    b.ts AS before_ts, b.confidence AS before_confidence, b.btc_dominance AS before_btc_dominance,
    b.eth_dominance AS before_eth_dominance, b.stablecoin_dominance AS before_stablecoin_dominance,
    b.stablecoin_basis AS before_stablecoin_basis
FROM (SELECT * FROM market_metrics WHERE provider = %(provider)s ORDER BY ts DESC LIMIT 1) AS n
CROSS JOIN LATERAL (
    SELECT * FROM market_metrics AS r
    WHERE r.provider = n.provider AND r.ts <= n.ts - INTERVAL '1 hour' AND r.ts > n.ts - INTERVAL '2 hours'
    ORDER BY r.ts DESC LIMIT 1
) AS b
