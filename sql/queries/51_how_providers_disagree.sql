-- How far do CoinGecko and CoinMarketCap disagree about the market?
-- By day: rows of both within ten minutes; gaps of dominance in points and of the total in per cent, CoinGecko's less
-- CoinMarketCap's; they count different coins, so that a gap that stays is no error and one that jumps is.
-- Change: the window.
SELECT date_trunc('day', ts, 'UTC') AS day, count(*) AS compared,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY btc_dominance_gap) AS btc_gap,
    min(btc_dominance_gap) AS btc_gap_least, max(btc_dominance_gap) AS btc_gap_most,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY eth_dominance_gap) AS eth_gap,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY market_cap_gap) AS market_cap_gap,
    min(least(coingecko_confidence, coinmarketcap_confidence)) AS least_confidence
FROM market_metrics_compared
WHERE ts >= now() - INTERVAL '30 days' AND known_at <= now()
GROUP BY 1
ORDER BY 1;
