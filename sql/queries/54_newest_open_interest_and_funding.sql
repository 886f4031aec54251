-- What are the newest open interest and funding of all perpetuals?
-- A row an instrument, the largest open interest first. open_interest in quote units, null where it cannot be converted;
-- rate: funding that would be paid if it were settled now; basis: mark above index, in basis points; share: part of the
-- open interest of all of its base. fresh: asked for in the last three minutes.
-- Change: the venue, the base, how old a row may be.
SELECT n.venue, n.symbol, n.contract_kind, n.quote_value AS open_interest, n.mark_price,
    10000 * n.basis AS basis_bps, n.funding_rate AS rate, n.interval_hours, n.rate_annualised, n.next_funding_at,
    n.settled_rate, n.settled_at,
    n.quote_value / nullif(sum(n.quote_value) OVER (PARTITION BY i.base), 0) AS share,
    n.open_interest_known_at > now() - INTERVAL '3 minutes' AND n.prices_known_at > now() - INTERVAL '3 minutes' AS fresh
FROM futures_now AS n
JOIN instruments AS i USING (instrument_id)
WHERE n.active IS NOT FALSE
ORDER BY n.quote_value DESC NULLS LAST, n.venue, n.symbol;
