-- Does sentiment lead price, and is that more than chance?
-- The strongest of all lags and series of each symbol, window and what it is held against, on the newest day. lag: hours by
-- which price comes later; above 0 the sentiment was known before the bar opened. trials: how many correlations were looked
-- at that day; by_chance: as many are below p = 0.05 without any relation. q: p adjusted for all of them; shuffled_best:
-- what the best lag of shuffled sentiment reaches in one case of twenty. Go by the verdict: what reads no demonstrated
-- relation is not to be traded on, however large its correlation.
-- Change: the window in days, the order.
WITH newest AS (
    SELECT max(ts) AS ts FROM sentiment_correlations WHERE known_at <= now()
), strongest AS (
    SELECT DISTINCT ON (c.instrument_id, c.days, c.against) c.*
    FROM sentiment_correlations AS c
    JOIN newest USING (ts)
    WHERE c.days IN (30, 90) AND c.correlation IS NOT NULL
    ORDER BY c.instrument_id, c.days, c.against, c.verdict LIKE 'sentiment%' DESC, c.verdict = 'same hour' DESC,
        c.p, c.series, c.lag
)
SELECT venue, symbol, days, against, series, lag, correlation, low, high, pairs, effective_n, q, shuffled_best, verdict, trials,
    0.05 * trials AS by_chance
FROM strongest
ORDER BY verdict IN ('no demonstrated relation', 'too little data'), q, venue, symbol, days, against;
