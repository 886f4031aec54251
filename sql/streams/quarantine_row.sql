-- A row of a stream that its table does not take is kept once, with how often it came. Its instrument may be
-- one that nobody knows.
INSERT INTO quarantine AS q (dataset, instrument_id, ts, reasons, payload, source_id)
VALUES (
    %(dataset)s,
    (SELECT instrument_id FROM instruments WHERE instrument_id = %(instrument_id)s),
    %(ts)s,
    %(reasons)s,
    %(payload)s,
    4  -- stream
)
ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(provider, ''), coalesce(series, ''),
    coalesce(ts, '-infinity'), digest)
DO UPDATE SET last_seen = now(), seen = q.seen + 1, reasons = excluded.reasons
