-- Bitcoin's dominance as providers ($1) told it, known after $2 and until $3: of each step of $4 what was known last. Figures
-- that were a day old when they came are left out.
SELECT DISTINCT ON (m.provider, step.ends) m.provider, m.known_at, m.btc_dominance
FROM market_metrics AS m
CROSS JOIN LATERAL (
    SELECT date_bin($4::interval, m.known_at - INTERVAL '1 microsecond', TIMESTAMPTZ '2000-01-01 00:00+00') AS ends
) AS step
WHERE m.provider = ANY ($1::text[]) AND m.known_at > $2 AND m.known_at <= $3 AND m.btc_dominance IS NOT NULL
    AND m.ts > $2::timestamptz - INTERVAL '1 day' AND m.ts > m.known_at - INTERVAL '1 day'
ORDER BY m.provider, step.ends, m.known_at DESC, m.ts DESC
