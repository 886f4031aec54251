-- What is undone stays as a revision, like everything that was once stored.
INSERT INTO ohlcv_revisions (instrument_id, timeframe_id, ts, revised_at, open, high, low, close, volume, quote_volume,
    trades, taker_buy_volume, source_id, received_at)
SELECT o.instrument_id, %(timeframe_id)s, o.ts, clock_timestamp(), o.open, o.high, o.low, o.close, o.volume,
    o.quote_volume, o.trades, o.taker_buy_volume, o.source_id, o.received_at
FROM {table} AS o
JOIN undo_rows AS u USING (ts)
WHERE o.instrument_id = %(instrument_id)s AND {timeframe} AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s
