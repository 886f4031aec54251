-- What an import wrote, an instrument a row.
SELECT instrument_id, array_agg(received_at) AS received, min(first_ts) AS first_ts, max(last_ts) AS last_ts
FROM import_futures_chunks
WHERE import_id = %(import_id)s
GROUP BY instrument_id
ORDER BY instrument_id
