-- Where is open interest up and price down: candidates for a squeeze of shorts?
-- Over the last 24 hours, at the newest hour of each perpetual that is no older than 3 hours. Shorts were opened as
-- price fell; where they pay (funding below 0) and crowd, a rise would squeeze them. squeeze: the weaker of how far
-- open interest rose and price fell, by which the rows are ordered.
-- Change: the least change of both.
WITH asked AS (
    SELECT 0.02 AS open_interest_up, 0.01 AS price_down
), newest AS (
    SELECT DISTINCT ON (instrument_id) * FROM leverage_snapshots
    WHERE ts > now() - INTERVAL '3 hours' AND ts <= now()
    ORDER BY instrument_id, ts DESC
)
SELECT n.venue, n.symbol, n.ts, n.open_interest_change_24h, n.price_change_24h, n.open_interest_quote, n.funding_annual,
    n.funding_percentile, n.crowding_percentile, n.funding_annual < 0 AS shorts_pay,
    least(n.open_interest_change_24h, -n.price_change_24h) AS squeeze
FROM newest AS n
CROSS JOIN asked AS a
WHERE n.open_interest_change_24h >= a.open_interest_up AND n.price_change_24h <= -a.price_down
ORDER BY squeeze DESC, n.venue, n.symbol;
