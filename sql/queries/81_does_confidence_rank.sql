-- Is what is surer right more often?
-- Each level of confidence after ten bars, and what it was worth after costs. right_share with its bounds (Wilson, 95
-- %, by clusters) beside walk_right, the same level on random walks; slope: points from a level to the next;
-- increasing: whether that is above 0 with its whole interval. Do not rank by a score that does not rise.
-- Change: the score (confidence, reliability, boosted), the horizon, the timeframes.
SELECT timeframe, level, evidence, clusters, right_share, right_low, right_high, walk_right, paid_share, mean_atr,
    right_share - first_value(right_share) OVER (PARTITION BY timeframe ORDER BY place) AS than_the_lowest,
    slope, trend_p, increasing
FROM score_calibration
WHERE score = 'confidence' AND horizon = 10 AND place > 0
ORDER BY timeframe, place;
