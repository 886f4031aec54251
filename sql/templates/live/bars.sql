-- The newest closed bars of a timeframe, oldest first; {table} is filled by alphapulse_api/broadcasting/snapshots.py.
SELECT * FROM (
    SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, bars, received_at
    FROM {table}
    WHERE instrument_id = %(instrument_id)s AND ts >= %(since)s AND ts < %(until)s
    ORDER BY ts DESC LIMIT %(most)s
) AS newest
ORDER BY ts
