-- A model that learned up to %(trained_until)s makes due what it may speak of: everything from that day on.
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'event_probabilities', i.instrument_id, (%(trained_until)s::timestamptz AT TIME ZONE 'UTC')::date
FROM instruments AS i
WHERE EXISTS (
    SELECT FROM pattern_confidences AS v
    WHERE v.instrument_id = i.instrument_id AND v.ts >= %(trained_until)s::timestamptz - INTERVAL '7 days'
)
ORDER BY 2
ON CONFLICT (dataset, instrument_id, day)
DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
