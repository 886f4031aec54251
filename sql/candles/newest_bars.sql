-- How far the closed bars of each timeframe that open before %(end)s reach: the newest of the symbols of these venues,
-- and that of the symbol furthest behind.
SELECT t.timeframe, count(*) AS symbols, max(n.ts) AS newest, min(n.ts) AS furthest_behind
FROM (SELECT timeframe, least(%(end)s, now() - length + INTERVAL '1 microsecond') AS until FROM timeframes) AS t
JOIN instruments AS i ON i.tracked AND i.venue = ANY (%(venues)s)
CROSS JOIN LATERAL (
    (
        SELECT b.ts FROM ohlcv_1m AS b
        WHERE t.timeframe = '1m' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_5m AS b
        WHERE t.timeframe = '5m' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_15m AS b
        WHERE t.timeframe = '15m' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_1h AS b
        WHERE t.timeframe = '1h' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_4h AS b
        WHERE t.timeframe = '4h' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_1d AS b
        WHERE t.timeframe = '1d' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT b.ts FROM ohlcv_1w AS b
        WHERE t.timeframe = '1w' AND b.instrument_id = i.instrument_id AND b.ts < t.until
        ORDER BY b.ts DESC LIMIT 1
    )
) AS n
GROUP BY t.timeframe
ORDER BY min(t.until) DESC
