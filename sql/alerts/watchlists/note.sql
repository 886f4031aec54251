UPDATE watchlists SET name = %(new_name)s, note = %(note)s, updated_at = clock_timestamp()
WHERE lower(name) = lower(%(name)s)
