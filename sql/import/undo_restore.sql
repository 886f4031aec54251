UPDATE {table} AS o
SET open = u.open, high = u.high, low = u.low, close = u.close, volume = u.volume, quote_volume = u.quote_volume,
    trades = u.trades, taker_buy_volume = u.taker_buy_volume, source_id = u.source_id, received_at = u.received_at
FROM undo_rows AS u
WHERE o.instrument_id = %(instrument_id)s AND {timeframe} AND o.ts = u.ts AND u.replaced
    AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s
