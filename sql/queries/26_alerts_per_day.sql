-- How many alerts were there per day and kind, and did they arrive?
-- critical: how many of them are; delivered, failed, suppressed: what became of them (suppressed: more than the rate
-- allowed); unsent: sent nowhere, as no receiver is set up, or not settled yet.
-- Change: the window; add venue and symbol for more detail.
SELECT (ts AT TIME ZONE 'UTC')::date AS day, kind, count(*) AS alerts,
    count(DISTINCT instrument_id) AS symbols,
    count(*) FILTER (WHERE severity = 'critical') AS critical,
    count(*) FILTER (WHERE delivery = 'delivered') AS delivered,
    count(*) FILTER (WHERE delivery = 'failed') AS failed,
    count(*) FILTER (WHERE delivery = 'suppressed') AS suppressed,
    count(*) FILTER (WHERE delivery IS NULL) AS unsent
FROM alerts
WHERE ts >= date_trunc('day', now(), 'UTC') - 7 * INTERVAL '24 hours'
GROUP BY 1, 2
ORDER BY 1, 2;
