-- The newest open interest, prices and funding of futures.
SELECT venue, symbol, contract_kind, open_interest_at, contracts, base_amount, quote_value, settle_value,
    open_interest_known_at, priced_at, mark_price, index_price, last_price, funding_rate, next_funding_at,
    interval_hours, prices_known_at, settled_at, settled_rate, basis, rate_annualised
FROM futures_now
WHERE (venue = %(venue)s OR %(venue)s = '*') AND (symbol = %(symbol)s OR %(symbol)s = '*')
