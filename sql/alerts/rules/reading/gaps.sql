-- Minutes that were missing in gaps that were open, each half minute.
SELECT i.instrument_id, extract(epoch FROM l.at)::double precision AS ts, extract(epoch FROM l.at)::double precision AS known_at,
    count(g.gap_start) AS gaps, coalesce(sum(extract(epoch FROM g.gap_end - g.gap_start)) / 60, 0)::double precision AS minutes
FROM unnest(%(instruments)s::integer[]) AS i (instrument_id)
CROSS JOIN generate_series(
    %(until)s::timestamptz, %(after)s::timestamptz + INTERVAL '1 microsecond', -INTERVAL '30 seconds'
) AS l (at)
LEFT JOIN gap_ledger AS g ON g.instrument_id = i.instrument_id AND g.dataset = 'ohlcv_1m' AND g.detected_at <= l.at
    AND (g.state = 'detected' OR coalesce(g.repaired_at, g.verified_at) > l.at)
GROUP BY i.instrument_id, l.at
