DELETE FROM {table} AS o
USING undo_rows AS u
WHERE o.instrument_id = %(instrument_id)s AND {timeframe} AND o.ts = u.ts AND NOT u.replaced
    AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s
