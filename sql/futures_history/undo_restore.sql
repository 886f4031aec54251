-- What an import had replaced comes back, but for rows that an import undone since had brought.
INSERT INTO {table}
SELECT r.* FROM import_futures_replaced AS p, jsonb_populate_record(NULL::{table}, p.was) AS r
WHERE p.import_id = %(import_id)s AND p.instrument_id = %(instrument_id)s AND p.ts = ANY (%(times)s::timestamptz[])
    AND NOT EXISTS (
        SELECT FROM import_futures_chunks AS c JOIN imports AS i USING (import_id)
        WHERE c.instrument_id = p.instrument_id AND c.received_at = r.received_at AND i.undone_at IS NOT NULL
    )
ON CONFLICT DO NOTHING
RETURNING ts
