SELECT w.instrument_id, m.price, m.ts, m.source
FROM unnest(%(instruments)s::integer[]) AS w (instrument_id)
CROSS JOIN LATERAL price_at(w.instrument_id, %(at)s) AS m
