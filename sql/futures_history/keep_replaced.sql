-- Rows as they are before an import replaces them; table is where they are.
INSERT INTO import_futures_replaced (import_id, instrument_id, ts, was)
SELECT %(import_id)s, o.instrument_id, o.ts, to_jsonb(o)
FROM {table} AS o
WHERE o.instrument_id = %(instrument_id)s AND o.ts = ANY (%(times)s::timestamptz[])
ON CONFLICT (import_id, instrument_id, ts) DO NOTHING
