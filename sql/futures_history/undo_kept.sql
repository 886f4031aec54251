-- Rows that an import wrote, less those that its undoing removed.
SELECT coalesce(sum(inserted + changed), 0)::bigint AS written
FROM import_futures_chunks
WHERE import_id = %(import_id)s AND instrument_id = %(instrument_id)s
