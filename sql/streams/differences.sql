-- Where stream and batch disagree on candles since $1, the largest differences first, at most $2.
SELECT venue, symbol, ts, field, stream, batch, difference, relative, batch_source
FROM stream_differences
WHERE ts >= $1
ORDER BY abs(relative) DESC NULLS FIRST, ts DESC
LIMIT $2
