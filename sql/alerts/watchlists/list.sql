-- Watchlists with their symbols in order, as venue and symbol; one of them, or all.
SELECT w.watchlist_id, w.name, w.note, w.created_by, w.created_at, w.updated_at,
    coalesce(jsonb_agg(jsonb_build_object('venue', i.venue, 'symbol', i.symbol) ORDER BY s.position, s.added_at, i.symbol)
        FILTER (WHERE i.instrument_id IS NOT NULL), '[]') AS symbols,
    (SELECT array_agg(r.name ORDER BY lower(r.name)) FROM alert_rules AS r WHERE r.watchlist_id = w.watchlist_id) AS rules
FROM watchlists AS w
LEFT JOIN watchlist_symbols AS s USING (watchlist_id)
LEFT JOIN instruments AS i USING (instrument_id)
WHERE %(name)s::text IS NULL OR lower(w.name) = lower(%(name)s)
GROUP BY w.watchlist_id
ORDER BY lower(w.name)
