-- The newest hour of a provider's regimes.
SELECT max(ts) AS ts FROM dominance_regime_hours WHERE provider = %(provider)s AND basis = %(basis)s AND logic_version > 0
