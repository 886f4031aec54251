-- Whether anything derived from bars is due, and at which venues.
SELECT count(*) > 0 AS due, coalesce(array_agg(DISTINCT i.venue), '{}') AS venues
FROM derived_dirty AS d
JOIN instruments AS i USING (instrument_id)
