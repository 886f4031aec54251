-- Median realised volatility of tracked symbols over the day before %(now)s, in stretches of %(minutes)s whole minutes,
-- without the last of them; of symbols with at least two hours.
SELECT instrument_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY volatility) AS usual
FROM (
    SELECT instrument_id, sqrt(sum(power(ln(close / before), 2))) AS volatility
    FROM (
        SELECT o.instrument_id, o.ts, o.close, lag(o.close) OVER w AS before, lag(o.ts) OVER w AS before_ts
        FROM ohlcv_1m AS o
        JOIN instruments AS i ON i.instrument_id = o.instrument_id AND i.tracked
        WHERE o.ts >= %(now)s::timestamptz - INTERVAL '24 hours'
            AND o.ts < %(now)s::timestamptz - %(minutes)s * INTERVAL '1 minute'
        WINDOW w AS (PARTITION BY o.instrument_id ORDER BY o.ts)
    ) AS m
    WHERE before_ts = ts - INTERVAL '1 minute' AND before > 0 AND close > 0
    GROUP BY instrument_id, floor(extract(epoch FROM ts) / 60 / %(minutes)s)
    HAVING count(*) = %(minutes)s
) AS s
GROUP BY instrument_id
HAVING count(*) * %(minutes)s >= 120
