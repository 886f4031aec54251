-- How did patterns do by timeframe and trend, and does any of it differ from chance?
-- hit_rate: share with a return the pattern's way after ten bars, with bounds (Wilson, 95 %, by clusters); walk_rate: the
-- same pattern on random walks; base_rate: all patterns of that direction; mean_atr with bounds: mean return in ATR.
-- Of so many comparisons some look like an edge by chance.
-- Change: the horizon, the fewest clusters, the family.
SELECT timeframe, pattern, direction, regime, n, clusters, hit_rate, hit_low, hit_high, walk_rate, base_rate,
    mean_atr, mean_atr_low, mean_atr_high, verdict, comparisons
FROM pattern_performance
WHERE horizon = 10 AND family = 'candlestick' AND clusters >= 5
ORDER BY timeframe, pattern, direction, regime;
