-- Coverage of the tracked symbols of some venues ($1) over days ($2 to $3), symbol by symbol. unrecorded are missing
-- minutes that no gap accounts for; the last five minutes of today may still be on their way.
SELECT c.venue, c.symbol, c.day, c.expected, n.present, c.expected - n.present AS missing, c.venue_had_none, g.open,
    greatest(0, c.expected - n.present - c.venue_had_none - g.open
        - CASE WHEN c.day = (now() AT TIME ZONE 'UTC')::date THEN 5 ELSE 0 END)::integer AS unrecorded,
    n.present / c.expected::double precision AS coverage,
    (n.present + c.venue_had_none) / c.expected::double precision AS explained,
    coalesce(c.status, 'complete') AS status, c.error
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    -- on the 1m candles themselves: the daily bars of the view may not have been made yet
    SELECT least(count(*), c.expected)::integer AS present FROM ohlcv_1m AS m
    WHERE m.instrument_id = c.instrument_id
        AND m.ts >= c.day::timestamp AT TIME ZONE 'UTC'
        AND m.ts < c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
) AS n
CROSS JOIN LATERAL (
    SELECT coalesce(sum(extract(epoch FROM
        least(gap_end, c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day')
        - greatest(gap_start, c.day::timestamp AT TIME ZONE 'UTC')) / 60), 0)::integer AS open
    FROM gap_ledger AS l
    WHERE l.instrument_id = c.instrument_id AND l.dataset = 'ohlcv_1m' AND l.state = 'detected'
        AND l.gap_start < c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
        AND l.gap_end > c.day::timestamp AT TIME ZONE 'UTC'
) AS g
WHERE i.tracked AND c.venue = ANY ($1::text[]) AND c.day BETWEEN $2 AND $3 AND c.expected > 0
ORDER BY explained, c.venue, c.symbol, c.day
