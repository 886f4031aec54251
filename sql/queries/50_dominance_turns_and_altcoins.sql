-- When Bitcoin's dominance turned, what did altcoins do over the next day?
-- From the close of the hour in which a turn was known: altcoins' returns of the next 24 hours, in per cent, beside those of
-- all hours of the same symbols (base). turns: the independent ones at most, since all symbols share them and turns of one
-- day overlap; with few of them a difference from the base says nothing.
-- Change: the asset, the basis (main_coins reaches back before the platform was started, and was known once it was
-- fetched), the provider, the venue, the window, the 24 hours.
WITH turns AS (
    SELECT ts + INTERVAL '1 hour' AS at, turned_from, regime
    FROM dominance_regimes
    WHERE provider = 'coingecko' AND basis = 'market' AND asset = 'btc' AND turned_from IS NOT NULL
        AND known_at <= now() AND ts >= now() - INTERVAL '90 days'
), returns AS (
    -- at is the close of the bar
    SELECT b.instrument_id, b.ts + INTERVAL '1 hour' AS at, 100 * (l.close / b.close - 1) AS pct
    FROM bars AS b
    JOIN instruments AS i USING (instrument_id)
    JOIN bars AS l ON l.instrument_id = b.instrument_id AND l.timeframe_id = 60 AND l.ts = b.ts + INTERVAL '24 hours'
    WHERE b.timeframe_id = 60 AND i.venue = 'binance' AND i.base <> 'BTC'
        AND b.ts >= now() - INTERVAL '90 days' AND l.ts + INTERVAL '1 hour' <= now()
), base AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pct) AS median, avg((pct > 0)::integer) AS share FROM returns
)
SELECT t.turned_from, t.regime AS turned_to, count(DISTINCT t.at) AS turns,
    count(DISTINCT r.instrument_id) AS symbols, count(*) AS n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY r.pct) AS median_pct, avg((r.pct > 0)::integer)::double precision AS share_up,
    b.median AS base_median_pct, b.share::double precision AS base_share_up
FROM turns AS t
JOIN returns AS r USING (at)
CROSS JOIN base AS b
GROUP BY t.turned_from, t.regime, b.median, b.share
ORDER BY t.turned_from, turned_to;
