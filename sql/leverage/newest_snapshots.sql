-- The newest snapshot of each perpetual, if its hour is not over for long.
SELECT DISTINCT ON (instrument_id)
    venue, symbol, instrument_id, ts, known_at, funding_at, funding_rate, funding_interval_hours, funding_annual,
    funding_percentile, funding_zscore, crowding_percentile, open_interest_quote, quadrant
FROM leverage_snapshots
WHERE ts > %(now)s - INTERVAL '2 hours' AND ts <= %(now)s
ORDER BY instrument_id, ts DESC
