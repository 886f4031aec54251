-- By provider: days of [$1, $2), how many were told otherwise later, and how many more than $3 times.
SELECT provider, count(*) AS figures, count(*) FILTER (WHERE revision > 0) AS revised,
    count(*) FILTER (WHERE revision > $3) AS unsettled
FROM fear_greed
WHERE ts >= $1 AND ts < $2
GROUP BY provider
ORDER BY provider
