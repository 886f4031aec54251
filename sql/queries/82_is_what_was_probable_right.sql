-- Was what was said to be probable right as often as it was said?
-- By tenths of the probability that evidence was given when it was known: how often its return exceeded the costs. n: pieces
-- of evidence whose horizon is over; said: mean probability; was_right: share; net_bps: mean return after costs, in basis
-- points; break_even: mean share that it would take. A model is of use where was_right follows said and exceeds break_even.
-- Change: the window of 30 days; add timeframe or shape to see each.
WITH told AS (
    SELECT f.probability, f.break_even, f.net_return, f.is_right, least(floor(f.probability * 10), 9)::integer AS tenth
    FROM event_features AS f
    WHERE f.known_at >= now() - 30 * INTERVAL '24 hours' AND f.known_at <= now()
        AND f.label_known_at <= now() AND f.is_right IS NOT NULL
)
SELECT tenth / 10.0::double precision AS least, count(*) AS n, avg(probability) AS said,
    avg(is_right::integer)::double precision AS was_right, 10000 * avg(net_return) AS net_bps, avg(break_even) AS break_even
FROM told
GROUP BY tenth
ORDER BY tenth;
