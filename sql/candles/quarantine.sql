-- A bad row is kept once, with how often it came.
INSERT INTO quarantine AS q (dataset, instrument_id, provider, series, ts, reasons, payload, source_id)
VALUES (%(dataset)s, %(instrument_id)s, %(provider)s, %(series)s, %(ts)s, %(reasons)s, %(payload)s, %(source_id)s)
ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(provider, ''), coalesce(series, ''),
    coalesce(ts, '-infinity'), digest)
DO UPDATE SET last_seen = now(), seen = q.seen + 1, reasons = excluded.reasons
