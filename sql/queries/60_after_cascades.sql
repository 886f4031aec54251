-- What did price do in the 15 minutes after a cascade of liquidations?
-- position_side: which positions were closed; cascades: clusters of at least 5 liquidations worth 500,000 USD or more;
-- usd: what they were worth on average (a lower bound where the venue's stream is not complete); move_bps: how far price
-- went while they lasted; after_bps: mean return of the 15 minutes after it could be known that a cascade was over (60
-- seconds without another); reverted: share after which price had then come back (up after longs, down after shorts);
-- unknown: cascades without a candle then, in no mean of what came after.
-- Change: the window, what a cascade is, the minutes.
SELECT c.venue, c.symbol, c.position_side, count(*) AS cascades, avg(c.notional_usd) AS usd,
    avg(c.last_price / c.first_price - 1) * 10000 AS move_bps,
    avg(later.close / over.close - 1) * 10000 AS after_bps,
    avg(CASE WHEN later.close IS NOT NULL AND over.close IS NOT NULL
        THEN (sign(later.close - over.close) = CASE c.position_side WHEN 'long' THEN 1 ELSE -1 END)::integer
    END)::double precision AS reverted,
    count(*) FILTER (WHERE later.close IS NULL OR over.close IS NULL) AS unknown
FROM liquidation_clusters AS c
LEFT JOIN ohlcv_1m AS over
    ON over.instrument_id = c.instrument_id
        AND over.ts = date_trunc('minute', c.ended_at + INTERVAL '60 seconds', 'UTC')
LEFT JOIN ohlcv_1m AS later
    ON later.instrument_id = c.instrument_id
        AND later.ts = date_trunc('minute', c.ended_at + INTERVAL '60 seconds', 'UTC') + INTERVAL '15 minutes'
WHERE c.ended_at >= now() - 30 * INTERVAL '24 hours' AND c.ended_at < now() - INTERVAL '17 minutes'
    AND c.liquidations >= 5 AND c.notional_usd >= 500000
GROUP BY c.venue, c.symbol, c.position_side
ORDER BY c.venue, c.symbol, c.position_side;
