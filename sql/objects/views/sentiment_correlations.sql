CREATE OR REPLACE VIEW sentiment_correlations AS
SELECT
    i.venue, i.symbol, c.coin, c.ts, c.known_at, c.days, c.series, c.against, c.lag, c.model, c.model_version, c.pairs,
    c.effective_n, c.correlation, c.low, c.high, c.p, c.trials, c.q, c.shuffled_best, c.shuffled_share, c.verdict,
    c.logic_version, c.created_at, c.instrument_id
FROM sentiment_correlation_lags AS c
JOIN instruments AS i USING (instrument_id)
WHERE c.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM sentiment_correlation_lags AS n
        WHERE n.instrument_id = c.instrument_id AND n.ts = c.ts AND n.days = c.days AND n.series = c.series
            AND n.against = c.against AND n.lag = c.lag AND n.logic_version > c.logic_version
    );
COMMENT ON VIEW sentiment_correlations IS 'How the sentiment of a coin goes with later and earlier returns and volatility of each of its symbols, and whether that is more than chance. One row is one trial of many (trials): read q and verdict, not p.';
COMMENT ON COLUMN sentiment_correlations.venue IS 'Venue.';
COMMENT ON COLUMN sentiment_correlations.symbol IS 'Unified symbol.';
COMMENT ON COLUMN sentiment_correlations.coin IS 'Coin whose sentiment it is: the base of the symbol.';
COMMENT ON COLUMN sentiment_correlations.ts IS 'Day (UTC) at whose end the window ends.';
COMMENT ON COLUMN sentiment_correlations.known_at IS 'When it could first be known: the end of the day.';
COMMENT ON COLUMN sentiment_correlations.days IS 'Length of the window: 30 or 90 days of hours.';
COMMENT ON COLUMN sentiment_correlations.series IS 'Which sentiment: level (score of 24 hours), shift (its change from the hour before), spike (zscore of the hour alone).';
COMMENT ON COLUMN sentiment_correlations.against IS 'return: log return of the hour; volatility: of the hour, by its range (Parkinson 1980).';
COMMENT ON COLUMN sentiment_correlations.lag IS 'Hours by which price comes later: above 0 sentiment was known before the bar opened; below 0 price came first.';
COMMENT ON COLUMN sentiment_correlations.model IS 'Model of the sentiment.';
COMMENT ON COLUMN sentiment_correlations.model_version IS 'Its versions in the window.';
COMMENT ON COLUMN sentiment_correlations.pairs IS 'Hours of which both are known.';
COMMENT ON COLUMN sentiment_correlations.effective_n IS 'Independent pairs they are worth, as both hang together in time (Pyper and Peterman 1998).';
COMMENT ON COLUMN sentiment_correlations.correlation IS 'Pearson''s, -1 to 1; null with too few pairs.';
COMMENT ON COLUMN sentiment_correlations.low IS 'Lower bound of it, 95 %, by the stationary block bootstrap (Politis and Romano 1994).';
COMMENT ON COLUMN sentiment_correlations.high IS 'Upper bound of it.';
COMMENT ON COLUMN sentiment_correlations.p IS 'Probability of one at least as large without any relation, of this trial alone: one in twenty is below 0.05 by chance.';
COMMENT ON COLUMN sentiment_correlations.trials IS 'Correlations that were looked at for the same day: all symbols, windows, series and lags.';
COMMENT ON COLUMN sentiment_correlations.q IS 'p adjusted for all those trials (Benjamini and Hochberg 1995, over families of a symbol, window and what it is held against, Bonferroni within them).';
COMMENT ON COLUMN sentiment_correlations.shuffled_best IS 'What the best of all lags reaches with shuffled sentiment in one of twenty cases, by size.';
COMMENT ON COLUMN sentiment_correlations.shuffled_share IS 'Share of shufflings whose best lag is at least as large as this one.';
COMMENT ON COLUMN sentiment_correlations.verdict IS 'Of the strongest of all series and lags of a symbol and window, where q is below 0.01 and shuffled_best is beaten: sentiment leads, sentiment follows or same hour; of others that do so: echo of a stronger one; else no demonstrated relation, or too little data.';
COMMENT ON COLUMN sentiment_correlations.logic_version IS 'Version of the rules.';
COMMENT ON COLUMN sentiment_correlations.created_at IS 'When the present values were made.';
COMMENT ON COLUMN sentiment_correlations.instrument_id IS 'Key of the instrument, for joins.';
