-- Fear and greed as it was told, revisions in their turn: the same for each instrument.
SELECT i.instrument_id, extract(epoch FROM f.ts)::double precision AS ts,
    extract(epoch FROM f.known_at)::double precision AS known_at, f.value
FROM fear_greed_vintages AS f
CROSS JOIN unnest(%(instruments)s::integer[]) AS i (instrument_id)
WHERE f.provider = 'alternative_me' AND f.known_at > %(after)s AND f.known_at <= %(until)s
