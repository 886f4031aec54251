DELETE FROM watchlists WHERE lower(name) = lower(%(name)s)
