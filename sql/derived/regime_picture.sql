-- The last bars ($5) of an instrument ($1), timeframe ($2) and version ($3) before a moment ($4), for a picture.
SELECT * FROM (
    SELECT v.ts, b.close, v.trend
    FROM market_regimes AS v
    JOIN bars AS b USING (instrument_id, timeframe_id, ts)
    WHERE v.instrument_id = $1 AND v.timeframe_id = $2 AND v.logic_version = $3 AND v.ts < $4
    ORDER BY v.ts DESC LIMIT $5
) AS newest
ORDER BY ts
