-- A symbol in a watchlist: at its place, or else at the end.
WITH put AS (
    INSERT INTO watchlist_symbols AS s (watchlist_id, instrument_id, position)
    SELECT w.watchlist_id, i.instrument_id, coalesce(%(position)s::integer, (
        SELECT max(o.position) + 1 FROM watchlist_symbols AS o WHERE o.watchlist_id = w.watchlist_id), 0)
    FROM watchlists AS w
    CROSS JOIN instruments AS i
    WHERE lower(w.name) = lower(%(name)s) AND i.venue = %(venue)s AND i.symbol = %(symbol)s
    ON CONFLICT (watchlist_id, instrument_id) DO UPDATE SET position = coalesce(%(position)s::integer, s.position)
    RETURNING s.watchlist_id
)
UPDATE watchlists SET updated_at = clock_timestamp() WHERE watchlist_id IN (SELECT watchlist_id FROM put)
