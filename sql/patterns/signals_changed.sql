-- Note that signals of an instrument changed on these days, so that what came of them is looked at anew.
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'signal_outcomes', %(instrument_id)s, day FROM unnest(%(days)s::date[]) AS day
ORDER BY day
ON CONFLICT (dataset, instrument_id, day)
DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
