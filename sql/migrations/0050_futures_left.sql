-- A third venue of futures: OKX, whose swaps are told of over REST.

INSERT INTO venues (venue, fetched, description) VALUES ('okx', true, 'OKX perpetual swaps, linear and inverse')
ON CONFLICT (venue) DO UPDATE SET fetched = excluded.fetched,
    description = coalesce(nullif(venues.description, ''), excluded.description);
