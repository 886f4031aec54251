-- Minutes of the last day in which positions of an instrument were closed by force: start (seconds since 1970) and
-- what they were worth, in quote units.
SELECT extract(epoch FROM date_trunc('minute', ts))::double precision AS start, sum(notional) AS notional
FROM liquidations
WHERE instrument_id = %(instrument_id)s AND ts >= now() - INTERVAL '1 day' AND notional IS NOT NULL
GROUP BY 1
ORDER BY 1
