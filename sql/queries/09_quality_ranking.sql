-- Which venue gives the best data?
-- score: mean of the days' scores, 0 to 100; completeness, explained, validity, agreement: means of the parts,
-- 0 to 1; worst: the symbol and day with the lowest score; rank: 1 is the best.
-- Change: the window.
SELECT rank() OVER (ORDER BY avg(score) DESC NULLS LAST) AS rank, venue, avg(score) AS score,
    avg(completeness) AS completeness, avg(explained) AS explained, avg(validity) AS validity,
    avg(agreement) AS agreement, count(*) AS symbol_days,
    (array_agg(symbol || ' ' || day ORDER BY score, symbol, day))[1] AS worst
FROM quality_scores
WHERE day >= (now() AT TIME ZONE 'UTC')::date - 30
GROUP BY venue
ORDER BY rank, venue;
