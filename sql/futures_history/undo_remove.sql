-- Rows of an import that are still its own go; those that something newer replaced are its own no longer.
DELETE FROM {table} AS o
WHERE o.instrument_id = %(instrument_id)s AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s AND o.source = 'file'
    AND o.received_at = ANY (%(received)s::timestamptz[])
RETURNING o.ts
