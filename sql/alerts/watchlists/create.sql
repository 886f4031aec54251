INSERT INTO watchlists (name, note, created_by) VALUES (%(name)s, %(note)s, %(created_by)s) RETURNING watchlist_id
