-- A symbol out of a watchlist.
WITH gone AS (
    DELETE FROM watchlist_symbols AS s USING watchlists AS w, instruments AS i
    WHERE s.watchlist_id = w.watchlist_id AND s.instrument_id = i.instrument_id
        AND lower(w.name) = lower(%(name)s) AND i.venue = %(venue)s AND i.symbol = %(symbol)s
    RETURNING s.watchlist_id
)
UPDATE watchlists SET updated_at = clock_timestamp() WHERE watchlist_id IN (SELECT watchlist_id FROM gone)
