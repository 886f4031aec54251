-- Dominances that turned in one of the hours that ended lately.
SELECT provider, asset, ts, known_at, dominance, change_24h, regime, turned_from FROM dominance_regimes
WHERE basis = 'market' AND turned_from IS NOT NULL AND known_at > %(since)s AND known_at <= %(now)s
ORDER BY ts, provider, asset
