INSERT INTO quality_daily AS q (instrument_id, day, score, completeness, explained, validity, consistency, timeliness,
    agreement, coverage_of_score, expected, present, venue_had_none, quarantined, flagged, logic_version, known_at)
VALUES (%(instrument_id)s, %(day)s, %(score)s, %(completeness)s, %(explained)s, %(validity)s, %(consistency)s,
    %(timeliness)s, %(agreement)s, %(coverage_of_score)s, %(expected)s, %(present)s, %(venue_had_none)s,
    %(quarantined)s, %(flagged)s, %(logic_version)s, %(known_at)s)
ON CONFLICT (instrument_id, day, logic_version) DO UPDATE SET
    score = excluded.score, completeness = excluded.completeness, explained = excluded.explained,
    validity = excluded.validity, consistency = excluded.consistency, timeliness = excluded.timeliness,
    agreement = excluded.agreement, coverage_of_score = excluded.coverage_of_score, expected = excluded.expected,
    present = excluded.present, venue_had_none = excluded.venue_had_none, quarantined = excluded.quarantined,
    flagged = excluded.flagged, known_at = excluded.known_at, created_at = now()
