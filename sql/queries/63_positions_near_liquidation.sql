-- Which of my positions is nearest to its liquidation, and what does funding cost?
-- distance: part of its price that the market has to move against it; reason: why none is told. funding_per_day: in quote
-- units, below 0 where it is received; funding_per_year: the same over what the position is worth.
-- Change: the account.
SELECT r.account, i.venue, i.symbol, r.side, r.exposure, r.gain, r.mark_price, r.liquidation_price,
    r.liquidation_distance AS distance, r.liquidation_reason AS reason, r.funding_per_day,
    365 * r.funding_per_day / nullif(abs(r.exposure), 0) AS funding_per_year
FROM position_risks AS r
JOIN instruments AS i USING (instrument_id)
WHERE r.ts = (SELECT max(n.ts) FROM position_risks AS n WHERE n.account = r.account AND n.ts <= now())
ORDER BY r.liquidation_distance NULLS LAST, r.account, i.symbol, r.side;
