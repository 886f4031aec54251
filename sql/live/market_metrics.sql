-- The whole market's newest figures by provider.
SELECT provider, ts, known_at, total_market_cap, volume_24h, btc_dominance, eth_dominance, stablecoin_market_cap,
    stablecoin_dominance, stablecoin_basis, defi_market_cap, defi_volume_24h, defi_dominance, active_coins, completeness,
    agreement, compared_with, btc_dominance_gap, confidence
FROM market_metrics_now
