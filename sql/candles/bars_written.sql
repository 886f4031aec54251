-- Venue-days of the closed bars that were made anew: those that touch the days whose change reached the timeframe
-- now, and those of other days that closed, or whose candles came, since a moment. {relation} is the timeframe's.
SELECT DISTINCT i.venue, (b.ts AT TIME ZONE 'UTC')::date AS day
FROM unnest(%(instrument_ids)s::integer[], %(days)s::date[], %(changed)s::boolean[], %(since)s::timestamptz[])
    AS d (instrument_id, day, changed, since)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t ON t.timeframe = %(timeframe)s
CROSS JOIN LATERAL (
    SELECT o.ts
    FROM {relation} AS o
    WHERE o.instrument_id = d.instrument_id
        AND o.ts >= bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC')
        AND o.ts < d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours'
        AND o.ts + t.length <= now()
        AND (d.changed OR greatest(o.received_at, o.ts + t.length) > d.since)
) AS b
