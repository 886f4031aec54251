DELETE FROM watchlist_symbols WHERE watchlist_id = (SELECT watchlist_id FROM watchlists WHERE lower(name) = lower(%(name)s))
