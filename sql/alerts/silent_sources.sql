-- Data sets that nobody serves any more: no source that is asked has answered for three rounds, and three minutes.
SELECT dataset, array_agg(source ORDER BY rank) AS sources, max(answered_at) AS answered_at,
    max(why) FILTER (WHERE state <> 'off') AS why,
    extract(epoch FROM clock_timestamp() - max(answered_at))::double precision AS seconds
FROM data_sources
GROUP BY dataset
HAVING bool_or(state <> 'off') AND NOT bool_or(state IN ('answers', 'waiting'))
ORDER BY dataset
