-- How many names are one piece of evidence?
-- A row per shape: names counts the patterns that were confirmed, pieces the bars and directions on which they were: one
-- big bar is a long line, a marubozu, a belt hold and mostly engulfs the one before. names_each: how many names a piece
-- has; several: share of the pieces with more than one; most_together: the two names that most often are one piece.
-- Change: the symbol, the timeframe, the window.
WITH pieces AS (
    SELECT shape, names, names_count
    FROM pattern_evidence
    WHERE venue = 'bybit' AND symbol = 'BTC/USDT' AND timeframe = '5m' AND known_at <= now()
        AND ts >= now() - INTERVAL '72 hours'
), pairs AS (
    SELECT p.shape, a.name || ' + ' || b.name AS pair, count(*) AS n
    FROM pieces AS p
    CROSS JOIN LATERAL unnest(p.names) AS a (name)
    CROSS JOIN LATERAL unnest(p.names) AS b (name)
    WHERE a.name COLLATE "C" < b.name
    GROUP BY 1, 2
)
SELECT p.shape, sum(p.names_count) AS names, count(*) AS pieces, sum(p.names_count)::double precision / count(*) AS names_each,
    avg((p.names_count > 1)::integer)::double precision AS several,
    (SELECT c.pair FROM pairs AS c WHERE c.shape = p.shape ORDER BY c.n DESC, c.pair COLLATE "C" LIMIT 1) AS most_together
FROM pieces AS p
GROUP BY p.shape
ORDER BY names DESC, p.shape;
