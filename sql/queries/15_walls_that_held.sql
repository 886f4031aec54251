-- Which walls held when price came to them?
-- held: it was neither consumed nor pulled, and in the ten minutes from touched_at on nothing traded beyond it;
-- beyond_bps: how far price went past it in that time; away_bps: how far it turned away from it; seconds: its life.
-- Change: the window, the ten minutes, the size (in USD; in quote units where their worth is not known).
SELECT w.venue, w.symbol, w.side, w.price, w.peak_notional, w.appeared_at, touch.touched_at, w.outcome, w.seconds,
    w.outcome NOT IN ('consumed', 'pulled') AND after.beyond = 0 AS held,
    after.beyond / w.price * 10000 AS beyond_bps, after.away / w.price * 10000 AS away_bps
FROM walls AS w
CROSS JOIN LATERAL (
    SELECT min(f.ts) AS touched_at
    FROM order_flow AS f
    WHERE f.instrument_id = w.instrument_id
        AND f.ts >= date_trunc('second', w.appeared_at) AND f.ts <= coalesce(w.ended_at, now())
        AND CASE w.side WHEN 'bid' THEN f.low <= w.price ELSE f.high >= w.price END
) AS touch
CROSS JOIN LATERAL (
    SELECT greatest(CASE w.side WHEN 'bid' THEN w.price - min(f.low) ELSE max(f.high) - w.price END, 0) AS beyond,
        greatest(CASE w.side WHEN 'bid' THEN max(f.high) - w.price ELSE w.price - min(f.low) END, 0) AS away
    FROM order_flow AS f
    WHERE f.instrument_id = w.instrument_id
        AND f.ts >= touch.touched_at AND f.ts < touch.touched_at + INTERVAL '10 minutes'
) AS after
WHERE w.appeared_at >= now() - INTERVAL '24 hours'
    AND w.reached
    AND coalesce(w.peak_notional_usd, w.peak_notional) >= 100000
    AND touch.touched_at IS NOT NULL
ORDER BY held DESC, w.peak_notional DESC;
