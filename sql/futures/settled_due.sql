-- Tracked perpetuals of a venue whose next settlement should be over, or of which none is known; with what is known.
SELECT
    i.instrument_id, i.symbol, i.venue_symbol, coalesce(i.contract_kind, 'linear') AS contract,
    l.settled_at, l.interval_hours
FROM instruments AS i
LEFT JOIN futures_latest AS l USING (instrument_id)
WHERE i.tracked AND i.venue_symbol IS NOT NULL AND i.problem IS NULL
    AND i.venue = %(venue)s AND i.kind = 'perpetual'
    AND (i.delisted_at IS NULL OR i.delisted_at > %(now)s)
    AND (l.settled_at IS NULL
        OR l.settled_at + make_interval(secs => 3600 * coalesce(l.interval_hours, l.settled_interval_hours, 1))
            <= %(now)s - %(grace)s::interval
        OR (l.next_funding_at > l.settled_at AND l.next_funding_at <= %(now)s - %(grace)s::interval))
ORDER BY i.symbol
