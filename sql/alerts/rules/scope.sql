-- Instruments that a rule is of: of a watchlist or of all, those that are tracked.
SELECT i.instrument_id, i.venue, i.symbol, i.venue_symbol
FROM alert_rules AS r
JOIN instruments AS i ON r.scope = 'symbol' AND i.instrument_id = r.instrument_id
OR r.scope = 'tracked' AND i.tracked
OR r.scope = 'watchlist' AND i.tracked AND EXISTS (
    SELECT FROM watchlist_symbols AS s WHERE s.watchlist_id = r.watchlist_id AND s.instrument_id = i.instrument_id
)
WHERE r.rule_id = %(rule_id)s
ORDER BY i.instrument_id
