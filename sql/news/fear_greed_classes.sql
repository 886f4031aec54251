-- By provider: days of [$1, $2) whose class is not that of their value, as its bodies have had them so far.
SELECT provider, count(*) FILTER (
        WHERE classification <> CASE
            WHEN value <= 25 THEN 'extreme_fear' WHEN value <= 46 THEN 'fear' WHEN value <= 54 THEN 'neutral'
            WHEN value <= 75 THEN 'greed' ELSE 'extreme_greed'
        END
    ) AS amiss
FROM fear_greed
WHERE ts >= $1 AND ts < $2
GROUP BY provider
ORDER BY provider
