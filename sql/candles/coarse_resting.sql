-- Instruments whose venue did not answer for its own bars and is not asked again yet: %(rest)s, doubled each time, at most six
-- hours.
SELECT DISTINCT instrument_id
FROM coarse_ledger
WHERE attempts > 0 AND updated_at > now() - least(INTERVAL '6 hours', %(rest)s::interval * power(2, least(attempts, 10)))
