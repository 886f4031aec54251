-- Which perpetuals pay most after fees?
-- Held against the same amount of spot for the window, on the side that is paid: short where longs pay (rate above 0),
-- else long. paid: the sum of all settlements; fees: in and out of both legs as taker; net = paid - fees, all as parts of
-- the position's value. hours: what the settlements were for; net_annualised: net x 8760 / hours. days_to_earn_fees: how
-- long the same funding takes to pay the fees. agreeing: part of the settlements of the side that is paid. known: whether
-- the settlements cover nine tenths of the window. The past of funding is no promise of it.
-- Change: the window, the fees, the least open interest.
WITH given AS (
    SELECT INTERVAL '168 hours' AS held, 0.0005 AS perpetual_fee, 0.0010 AS spot_fee, 0 AS least_open_interest
), paid AS (
    SELECT f.instrument_id, f.venue, f.symbol, sign(sum(f.rate)) AS side, abs(sum(f.rate)) AS paid,
        sum(f.interval_hours) AS hours, count(*) AS settlements,
        count(*) FILTER (WHERE f.rate > 0) AS above, count(*) FILTER (WHERE f.rate < 0) AS below
    FROM funding_rates AS f
    CROSS JOIN given AS g
    WHERE f.ts > now() - g.held AND f.ts <= now()
    GROUP BY f.instrument_id, f.venue, f.symbol
)
SELECT p.venue, p.symbol, CASE WHEN p.side > 0 THEN 'short' ELSE 'long' END AS perpetual,
    p.settlements, p.hours, p.paid, 2 * (g.perpetual_fee + g.spot_fee) AS fees,
    p.paid - 2 * (g.perpetual_fee + g.spot_fee) AS net,
    (p.paid - 2 * (g.perpetual_fee + g.spot_fee)) * 8760 / p.hours AS net_annualised,
    2 * (g.perpetual_fee + g.spot_fee) / (p.paid / p.hours * 24) AS days_to_earn_fees,
    CASE WHEN p.side > 0 THEN p.above ELSE p.below END::double precision / p.settlements AS agreeing,
    p.hours >= 0.9 * extract(epoch FROM g.held) / 3600 AS known, n.quote_value AS open_interest
FROM paid AS p
CROSS JOIN given AS g
LEFT JOIN futures_now AS n USING (instrument_id)
WHERE p.paid > 0 AND coalesce(n.quote_value, 0) >= g.least_open_interest
ORDER BY net DESC, p.venue, p.symbol
LIMIT 50;
