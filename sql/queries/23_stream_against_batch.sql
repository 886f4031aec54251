-- Do the candles of the streams say the same as those fetched later?
-- verified: candles of streams that were fetched as well; then per field: candles: how many of these differ, share:
-- of the verified ones, worst: largest relative difference, worst_at: of which candle. No field: all are alike.
-- Change: the window (twice); for single candles ask stream_differences.
WITH verified AS (
    SELECT instrument_id, venue, symbol, sum(verified) AS verified
    FROM stream_verification
    WHERE day >= (now() AT TIME ZONE 'UTC')::date - 7
    GROUP BY 1, 2, 3
), differences AS (
    SELECT instrument_id, field, count(DISTINCT ts) AS candles, max(abs(relative)) AS worst,
        (array_agg(ts ORDER BY abs(relative) DESC NULLS LAST, ts))[1] AS worst_at
    FROM stream_differences
    WHERE ts >= date_trunc('day', now(), 'UTC') - 7 * INTERVAL '24 hours'
    GROUP BY 1, 2
)
SELECT v.venue, v.symbol, v.verified, d.field, coalesce(d.candles, 0) AS candles,
    coalesce(d.candles, 0)::double precision / nullif(v.verified, 0)::double precision AS share, d.worst, d.worst_at
FROM verified AS v
LEFT JOIN differences AS d USING (instrument_id)
ORDER BY candles DESC, v.venue, v.symbol, d.field;
