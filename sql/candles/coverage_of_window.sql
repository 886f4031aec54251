-- Coverage of the tracked symbols of some venues over a range of days, counted on the 1m candles themselves.
SELECT sum(n.present)::double precision / nullif(sum(c.expected), 0) AS coverage,
    sum(n.present)::bigint AS present,
    sum(n.present + c.venue_had_none)::double precision / nullif(sum(c.expected), 0) AS explained,
    (SELECT count(*) FROM candle_gaps AS g
    WHERE g.venue = ANY (%(venues)s) AND g.state = 'detected'
        AND g.gap_start < %(last)s::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
        AND g.gap_end > %(first)s::timestamp AT TIME ZONE 'UTC') AS open_gaps
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT least(count(*), c.expected) AS present FROM ohlcv_1m AS m
    WHERE m.instrument_id = c.instrument_id
        AND m.ts >= c.day::timestamp AT TIME ZONE 'UTC'
        AND m.ts < c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
) AS n
WHERE i.tracked AND c.venue = ANY (%(venues)s) AND c.day BETWEEN %(first)s AND %(last)s
