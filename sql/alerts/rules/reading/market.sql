-- The market as a whole, as CoinGecko told it: the same for each instrument.
SELECT i.instrument_id, extract(epoch FROM m.ts)::double precision AS ts,
    extract(epoch FROM m.known_at)::double precision AS known_at, m.btc_dominance, m.total_market_cap
FROM market_metrics AS m
CROSS JOIN unnest(%(instruments)s::integer[]) AS i (instrument_id)
WHERE m.provider = 'coingecko'
    AND m.ts > %(after)s::timestamptz - INTERVAL '1 hour' AND m.ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND m.known_at > %(after)s AND m.known_at <= %(until)s
