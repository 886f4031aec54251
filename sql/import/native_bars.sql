-- Native bars of an instrument ($1) and timeframe ($2) in a window ($3 to $4).
SELECT n.ts, n.open, n.high, n.low, n.close, n.volume, n.quote_volume, n.trades, n.taker_buy_volume
FROM ohlcv_native AS n
JOIN timeframes AS t USING (timeframe_id)
WHERE n.instrument_id = $1 AND t.timeframe = $2 AND n.ts >= $3 AND n.ts < $4
ORDER BY n.ts
