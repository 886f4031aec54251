-- A symbol the venue does not list. One that was known before has left the venue; its history stays.
UPDATE instruments
SET active = false,
    delisted_at = CASE WHEN venue_symbol IS NOT NULL THEN coalesce(delisted_at, %(now)s) END,
    resolved_at = %(now)s,
    problem = CASE
        WHEN venue_symbol IS NULL THEN
            format('%%s does not list %%s; see alphapulse symbols search %%s', venue, symbol, base)
    END
WHERE instrument_id = %(instrument_id)s
