-- What the undoing of an import does to an instrument and timeframe, and what something newer has changed since.
SELECT count(*) FILTER (WHERE NOT replaced) AS removed, count(*) FILTER (WHERE replaced) AS restored,
    (SELECT count(DISTINCT r.ts) FROM ohlcv_revisions AS r
        JOIN import_chunks AS c ON c.import_id = %(import_id)s AND c.instrument_id = r.instrument_id
            AND c.timeframe_id = r.timeframe_id AND c.received_at = r.received_at
        WHERE r.instrument_id = %(instrument_id)s AND r.timeframe_id = %(timeframe_id)s
            AND r.source_id = %(source_id)s AND r.ts >= %(first_ts)s AND r.ts <= %(last_ts)s
            AND NOT EXISTS (SELECT FROM undo_rows AS u WHERE u.ts = r.ts)) AS kept, (SELECT min(r.ts) FROM ohlcv_revisions AS r
        JOIN import_chunks AS c ON c.import_id = %(import_id)s AND c.instrument_id = r.instrument_id
            AND c.timeframe_id = r.timeframe_id AND c.received_at = r.received_at
        WHERE r.instrument_id = %(instrument_id)s AND r.timeframe_id = %(timeframe_id)s
            AND r.source_id = %(source_id)s AND r.ts >= %(first_ts)s AND r.ts <= %(last_ts)s
            AND NOT EXISTS (SELECT FROM undo_rows AS u WHERE u.ts = r.ts)) AS first_kept,
    array_agg(DISTINCT (ts AT TIME ZONE 'UTC')::date) AS days
FROM undo_rows
