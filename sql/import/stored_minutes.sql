-- Minutes of an instrument ($1) from $3 to $4, or only those of the times $5; timeframe ($2) is 1m.
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume
FROM ohlcv_1m
WHERE instrument_id = $1
    AND ts >= $3 AND ts <= $4 AND ($5::timestamptz[] IS NULL OR ts = ANY ($5::timestamptz[]))
ORDER BY ts
