-- Tracked symbols whose newest %(minutes)s returns of one minute have a realised volatility of %(floor)s or more, and that
-- hurried nobody within %(rest)s. Old bars say nothing about now.
SELECT i.instrument_id, i.venue || ' ' || i.symbol AS name, b.ts + INTERVAL '1 minute' AS ts, b.volatility
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT max(n.ts) AS ts, sqrt(sum(power(ln(n.close / n.before), 2))) AS volatility, count(n.before) AS returns
    FROM (
        SELECT m.ts, m.close, lag(m.close) OVER (ORDER BY m.ts) AS before
        FROM (
            SELECT o.ts, o.close
            FROM ohlcv_1m AS o
            WHERE o.instrument_id = i.instrument_id AND o.ts >= %(now)s::timestamptz - (%(minutes)s + 4) * INTERVAL '1 minute'
                AND o.ts < %(now)s::timestamptz AND o.close > 0
            ORDER BY o.ts DESC
            LIMIT %(minutes)s + 1
        ) AS m
    ) AS n
) AS b
WHERE i.tracked AND b.returns = %(minutes)s AND b.volatility >= %(floor)s
    AND NOT EXISTS (
        SELECT FROM hurried_rounds AS h
        WHERE h.instrument_id = i.instrument_id AND h.noted_at > clock_timestamp() - %(rest)s::interval
    )
ORDER BY b.volatility DESC
