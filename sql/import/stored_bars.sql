-- Native bars of an instrument ($1) and timeframe ($2) from $3 to $4, or only those of the times $5.
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume
FROM ohlcv_native
WHERE instrument_id = $1 AND timeframe_id = (SELECT timeframe_id FROM timeframes WHERE timeframe = $2)
    AND ts >= $3 AND ts <= $4 AND ($5::timestamptz[] IS NULL OR ts = ANY ($5::timestamptz[]))
ORDER BY ts
