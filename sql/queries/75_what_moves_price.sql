-- How much has to be sold or bought at once to move price by 25, 50 and 100 basis points, hour by hour?
-- From the depth at the end of each minute: *_size: what rests on that side so far from mid (median of the minutes, in
-- base units), *_worth: the same at mid, in quote units. *_minutes: minutes of which the book was known so far; of the
-- others nothing is reckoned, as unknown is not empty. Whole bins, from that of mid: right to a bin's width (2 bps).
-- Change: the market, the distances (up to 200 bps), the window.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, ARRAY[25, 50, 100] AS reaches, INTERVAL '24 hours' AS during
), moments AS (
    SELECT DISTINCT ON (date_trunc('minute', d.ts)) d.*
    FROM asked AS a
    JOIN depth_history AS d USING (venue, symbol)
    WHERE d.ts >= now() - a.during AND d.unit = 'base'
    ORDER BY date_trunc('minute', d.ts), d.ts DESC, d.update_id DESC
), summed AS (
    SELECT date_trunc('hour', m.ts, 'UTC') AS hour, w.reach_bps, m.mid,
        CASE WHEN cardinality(m.bid_sizes) >= w.bins THEN bids.size END AS bid_size,
        CASE WHEN cardinality(m.ask_sizes) >= w.bins THEN asks.size END AS ask_size
    FROM moments AS m
    CROSS JOIN asked AS a
    CROSS JOIN LATERAL (
        SELECT reach_bps, floor(reach_bps / m.bin_bps)::integer AS bins FROM unnest(a.reaches) AS reach_bps
    ) AS w
    CROSS JOIN LATERAL (SELECT sum(size::double precision) AS size FROM unnest(m.bid_sizes[1:w.bins]) AS size) AS bids
    CROSS JOIN LATERAL (SELECT sum(size::double precision) AS size FROM unnest(m.ask_sizes[1:w.bins]) AS size) AS asks
)
SELECT hour, reach_bps, count(*) AS minutes,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY bid_size) AS bid_size,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY bid_size * mid) AS bid_worth, count(bid_size) AS bid_minutes,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY ask_size) AS ask_size,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY ask_size * mid) AS ask_worth, count(ask_size) AS ask_minutes
FROM summed
GROUP BY hour, reach_bps
ORDER BY hour, reach_bps;
