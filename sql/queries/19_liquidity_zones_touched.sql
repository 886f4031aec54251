-- Which liquidity zones were touched three times or more?
-- One row per zone, as it was last seen: touches: how often mid came into it; strength: how far it stands out, in
-- average cells; notional: what rested there on average, in quote units; hours: from first to last seen.
-- Change: the number of touches, the window.
WITH touched AS MATERIALIZED (
    -- the newest sight at each price, to the basis point
    SELECT DISTINCT ON (instrument_id, side, since, round(ln(price) * 10000)) *
    FROM liquidity
    WHERE ts >= now() - INTERVAL '24 hours' AND touches >= 3
    ORDER BY instrument_id, side, since, round(ln(price) * 10000), ts DESC
)
SELECT z.venue, z.symbol, z.side, z.price, z.low, z.high, z.touches, z.strength, z.notional, z.since,
    z.ts AS last_seen, z.age_seconds / 3600 AS hours
FROM touched AS z
-- a zone moves; where it is not seen for a minute it is not the same any more
WHERE NOT EXISTS (
    SELECT
    FROM liquidity AS n
    WHERE n.instrument_id = z.instrument_id AND n.side = z.side AND n.since = z.since
        AND n.ts > z.ts AND n.ts <= z.ts + INTERVAL '1 minute'
        AND n.price BETWEEN z.low AND z.high
)
ORDER BY z.touches DESC, z.strength DESC;
