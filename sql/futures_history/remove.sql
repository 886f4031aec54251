-- Rows that others take the place of; table is where they are.
DELETE FROM {table} AS o
WHERE o.instrument_id = %(instrument_id)s AND o.ts = ANY (%(times)s::timestamptz[])
