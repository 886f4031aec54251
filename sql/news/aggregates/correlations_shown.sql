-- Correlations of a day ($1) over a window of so many days ($2), of symbols by instrument ($3).
SELECT venue, symbol, instrument_id, series, against, lag, correlation, q, verdict, trials FROM sentiment_correlations
WHERE ts = $1 AND days = $2 AND instrument_id = ANY($3)
