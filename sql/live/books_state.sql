-- How books stand, and whether the worker that follows them lives.
SELECT venue, symbol, since AS ts, state, cause, worker_alive
FROM stream_status
WHERE (venue = %(venue)s OR %(venue)s = '*') AND (symbol = %(symbol)s OR %(symbol)s = '*')
