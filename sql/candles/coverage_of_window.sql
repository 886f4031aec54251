-- Coverage of the tracked symbols of some venues over a range of days.
SELECT sum(present)::double precision / nullif(sum(expected), 0) AS coverage,
    sum(present + venue_had_none)::double precision / nullif(sum(expected), 0) AS explained,
    (SELECT count(*) FROM candle_gaps AS g
    WHERE g.venue = ANY (%(venues)s) AND g.state = 'detected'
        AND g.gap_start < %(last)s::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
        AND g.gap_end > %(first)s::timestamp AT TIME ZONE 'UTC') AS open_gaps
FROM candle_coverage AS c
WHERE c.venue = ANY (%(venues)s) AND c.day BETWEEN %(first)s AND %(last)s
    AND c.instrument_id IN (SELECT instrument_id FROM instruments WHERE tracked)
