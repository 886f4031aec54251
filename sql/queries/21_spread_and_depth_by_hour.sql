-- How wide is the spread and how deep the book, by hour of the day?
-- hour: UTC; spread_bps, worst_bps: median and 95th percentile of the spread; depth_10bps: mean notional within 10 bps
-- of mid on both sides together, in quote units; depth_known: share of the snapshots for which that is known.
-- Change: the symbols, the window.
SELECT venue, symbol, extract(hour FROM ts AT TIME ZONE 'UTC')::integer AS hour, count(*) AS snapshots,
    percentile_cont(0.50) WITHIN GROUP (ORDER BY spread_bps) AS spread_bps,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY spread_bps) AS worst_bps,
    avg(bid_depth_10bps + ask_depth_10bps) AS depth_10bps,
    count(bid_depth_10bps + ask_depth_10bps)::double precision / count(*) AS depth_known
FROM order_book
WHERE symbol IN ('BTC/USDT', 'BTC/USD')
    AND ts >= now() - INTERVAL '24 hours'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
