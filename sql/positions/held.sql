SELECT * FROM positions_at(%(at)s) AS p
WHERE %(accounts)s::text[] IS NULL OR p.account = ANY(%(accounts)s) ORDER BY p.account, p.venue, p.symbol, p.side
