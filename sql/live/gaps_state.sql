-- The newest gaps in data: open ones, and those repaired within the last hour.
SELECT dataset, venue, symbol, gap_start, gap_end, state, detected_at, repaired_at, reason
FROM data_gaps
WHERE (venue = %(venue)s OR %(venue)s = '*') AND (symbol = %(symbol)s OR %(symbol)s = '*')
    AND (repaired_at IS NULL OR repaired_at >= now() - INTERVAL '1 hour')
ORDER BY detected_at DESC LIMIT %(most)s
