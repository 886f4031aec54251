-- The newest large orders and trades, of one instrument or of all, oldest first.
SELECT * FROM (
    SELECT i.venue, i.symbol, w.ts, w.known_at, w.kind, w.side, w.price, w.size, w.notional, w.notional_usd,
        w.distance_bps, w.cause, w.evidence, w.reference
    FROM instruments AS i
    CROSS JOIN LATERAL (
        SELECT * FROM whale_activities AS v
        WHERE v.instrument_id = i.instrument_id AND v.ts >= now() - INTERVAL '6 hours' AND v.logic_version > 0
        ORDER BY v.ts DESC LIMIT %(most)s
    ) AS w
    WHERE i.tracked AND (i.venue = %(venue)s OR %(venue)s = '*') AND (i.symbol = %(symbol)s OR %(symbol)s = '*')
    ORDER BY w.known_at DESC LIMIT %(most)s
) AS newest
ORDER BY known_at, ts
