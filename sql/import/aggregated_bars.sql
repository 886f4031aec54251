-- Aggregates of an instrument's ($1) 1m candles in a window ($2 to $3); {relation} is the timeframe's.
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, bars
FROM {relation}
WHERE instrument_id = $1 AND ts >= $2 AND ts < $3
ORDER BY ts
