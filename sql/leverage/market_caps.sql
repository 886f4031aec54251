-- Market caps of coins ($1, by symbol) as known at every whole hour in [$2, $3), at most $4 old: of the first of the
-- providers $5 that told one; of several coins with one symbol the largest. History that was fetched later was not
-- known then, and is no part of it.
WITH coins AS (
    SELECT l.symbol, l.provider, l.coin, array_position($5::text[], l.provider) AS place
    FROM coin_metrics_latest AS l
    WHERE l.symbol = ANY ($1) AND l.provider = ANY ($5)
), hours AS (
    SELECT ts FROM generate_series($2::timestamptz, $3::timestamptz - INTERVAL '1 hour', INTERVAL '1 hour') AS h (ts)
)
SELECT DISTINCT ON (c.symbol, h.ts) c.symbol AS base, h.ts, m.market_cap, c.provider AS market_cap_provider
FROM coins AS c
CROSS JOIN hours AS h
CROSS JOIN LATERAL (
    SELECT r.market_cap FROM coin_metrics AS r
    WHERE r.provider = c.provider AND r.coin = c.coin AND r.vintage = 'live' AND r.symbol = c.symbol
        AND r.ts <= h.ts AND r.ts > h.ts - $4::interval AND r.known_at <= h.ts AND r.market_cap > 0
    ORDER BY r.ts DESC LIMIT 1
) AS m
ORDER BY c.symbol, h.ts, c.place, m.market_cap DESC, c.coin
