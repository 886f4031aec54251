-- What does cash and carry earn by the year after fees, and with which spot market?
-- Spot against an equal and opposite perpetual, if funding stays at its mean of a week: net_annual is funding less the
-- fees of both legs, in and out, spread over the days held; net_with_basis_annual adds the basis, should it be gone at
-- the end; break_even_days: until funding has paid the fees. Per perpetual the spot market with the best price for it.
-- Borrowing, margin and slippage are not in it.
-- Change: the fees to yours (0.001 is 0.1 % of one side), the days held, the week, how many rows.
SELECT * FROM (
    SELECT DISTINCT ON (perpetual_id) base, perpetual_venue, perpetual, spot_venue, spot, side, settlements, funding_annual,
        basis, fees_annual, net_annual, net_with_basis_annual, break_even_days, as_of
    FROM cash_and_carry(0.001, 0.0005, 30, INTERVAL '7 days', now())
    ORDER BY perpetual_id, net_with_basis_annual DESC, spot_id
) AS best
ORDER BY net_annual DESC, perpetual_venue, perpetual
LIMIT 50;
