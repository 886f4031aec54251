-- What the venue says of a symbol now. A listing time is kept once known; a delisting ends when it trades again.
UPDATE instruments
SET venue_symbol = %(venue_symbol)s, kind = %(kind)s, base = %(base)s, quote = %(quote)s, settle = %(settle)s,
    tick_size = %(tick_size)s, lot_size = %(lot_size)s, active = %(active)s,
    contract_size = coalesce(%(contract_size)s, contract_size), contract_kind = coalesce(%(contract_kind)s, contract_kind),
    listed_at = coalesce(%(listed_at)s, listed_at),
    delisted_at = CASE
        WHEN %(active)s THEN NULL
        ELSE coalesce(%(delisted_at)s, delisted_at)
    END,
    resolved_at = %(now)s, problem = NULL
WHERE instrument_id = %(instrument_id)s
