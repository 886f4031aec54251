-- Between which venues does funding of the same coin differ most, and for how long?
-- Short the receiver, long the payer: spread_annual is what both receive by the year, before fees. hours: of the last
-- seven days in which the coin was known at two venues; mean_annual: of the widest spread of each; same_pair: share of
-- those hours in which these two were the widest, in this direction.
-- Change: the days, how many rows.
WITH spreads AS (
    SELECT * FROM funding_spreads WHERE ts > now() - 7 * INTERVAL '24 hours' AND ts <= now()
), newest AS (
    SELECT DISTINCT ON (base) * FROM spreads ORDER BY base, ts DESC
)
SELECT n.base, n.receiver_venue, n.receiver, n.payer_venue, n.payer, n.ts, n.receiver_annual, n.payer_annual,
    n.spread_annual, p.hours, p.mean_annual, p.same_pair, n.smaller_open_interest
FROM newest AS n
CROSS JOIN LATERAL (
    SELECT count(*) AS hours, avg(s.spread_annual) AS mean_annual,
        avg(((s.receiver_id, s.payer_id) = (n.receiver_id, n.payer_id))::integer::double precision) AS same_pair
    FROM spreads AS s WHERE s.base = n.base
) AS p
ORDER BY n.spread_annual DESC, n.base
LIMIT 50;
