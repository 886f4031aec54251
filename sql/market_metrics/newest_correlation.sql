-- The newest bar of a provider's correlations in a timeframe, of the last thirty days.
SELECT max(ts) AS ts FROM dominance_correlation_bars
WHERE provider = %(provider)s AND basis = %(basis)s AND timeframe_id = %(timeframe_id)s
    AND logic_version > 0 AND ts > now() - INTERVAL '30 days'
