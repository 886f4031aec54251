-- Which of your alert rules fired, and where was the price an hour later?
-- symbols: how many it fired for; seen: acknowledged by somebody; seconds: median from what an alert is about until it was
-- known; return_1h: mean change from the last minute that had closed when the alert was known to the last one an hour later
-- (priced: of how many alerts that is known); up: share of these that rose.
-- Change: the window of 30 days; add a.symbol to see each symbol.
SELECT a.detail ->> 'rule' AS rule, a.detail ->> 'expression' AS expression, count(*) AS alerts,
    count(DISTINCT a.instrument_id) AS symbols,
    count(*) FILTER (WHERE a.acknowledged_at IS NOT NULL) AS seen,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.known_at - a.ts)::double precision) AS seconds,
    count(p.change) AS priced, avg(p.change) AS return_1h, avg((p.change > 0)::integer)::double precision AS up
FROM alerts AS a
LEFT JOIN LATERAL (
    SELECT later.close / at_first.close - 1 AS change
    FROM (
        SELECT c.close FROM ohlcv_1m AS c
        WHERE c.instrument_id = a.instrument_id AND c.ts <= a.known_at - INTERVAL '1 minute'
            AND c.ts > a.known_at - INTERVAL '10 minutes'
        ORDER BY c.ts DESC LIMIT 1
    ) AS at_first
    CROSS JOIN (
        SELECT c.close FROM ohlcv_1m AS c
        WHERE c.instrument_id = a.instrument_id AND c.ts <= a.known_at + INTERVAL '59 minutes'
            AND c.ts > a.known_at + INTERVAL '50 minutes'
        ORDER BY c.ts DESC LIMIT 1
    ) AS later
) AS p ON true
WHERE a.kind = 'rule' AND a.known_at >= now() - 30 * INTERVAL '24 hours'
GROUP BY 1, 2
ORDER BY alerts DESC, rule;
