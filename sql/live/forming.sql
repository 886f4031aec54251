-- The minute that is not closed yet, as it was last stored.
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, received_at
FROM forming_candles
WHERE instrument_id = %(instrument_id)s AND ts >= now() - INTERVAL '5 minutes'
