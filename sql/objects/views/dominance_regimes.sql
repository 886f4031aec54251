CREATE OR REPLACE VIEW dominance_regimes AS
SELECT
    r.provider, r.basis, r.asset, r.ts, r.known_at, r.dominance, r.change_24h, r.regime, r.turned_from, r.logic_version,
    r.created_at
FROM dominance_regime_hours AS r
WHERE r.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM dominance_regime_hours AS n
        WHERE n.provider = r.provider AND n.basis = r.basis AND n.asset = r.asset AND n.ts = r.ts
            AND n.logic_version > r.logic_version
    );
COMMENT ON VIEW dominance_regimes IS 'Whether the share of Bitcoin, Ether or stablecoins rises, falls or stands still, by the hour, in the newest version.';
COMMENT ON COLUMN dominance_regimes.provider IS 'Whose figures they are.';
COMMENT ON COLUMN dominance_regimes.basis IS 'Of what the shares are: market, of the whole market as told at the time; main_coins, of ten large coins by their past.';
COMMENT ON COLUMN dominance_regimes.asset IS 'btc, eth or stablecoin.';
COMMENT ON COLUMN dominance_regimes.ts IS 'Start of the hour.';
COMMENT ON COLUMN dominance_regimes.known_at IS 'When it could first be known: the end of the hour; of main_coins when the past was fetched.';
COMMENT ON COLUMN dominance_regimes.dominance IS 'The newest share at the end of the hour, in per cent.';
COMMENT ON COLUMN dominance_regimes.change_24h IS 'Change against 24 hours before, in points.';
COMMENT ON COLUMN dominance_regimes.regime IS 'rising, falling or flat; null where shares are missing.';
COMMENT ON COLUMN dominance_regimes.turned_from IS 'The regime of the hour before, where it was another.';
COMMENT ON COLUMN dominance_regimes.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN dominance_regimes.created_at IS 'When the present values were made.';
