-- Reactions over all strengths and regimes of venues ($1) as of a moment ($2), of version $3: demonstrated edges first,
-- then by count. Of `comparisons` rows one in twenty looks like an edge by chance.
SELECT s.venue, t.timeframe, s.pattern, s.direction, s.horizon::integer AS horizon, s.n::integer AS n,
    round(s.share_up::numeric, 3)::float8 AS share_up, round(s.base_share_up::numeric, 3)::float8 AS base_share_up,
    s.edge, s.comparisons::integer AS comparisons
FROM volume_reaction_stats AS s
JOIN timeframes AS t USING (timeframe_id)
WHERE s.venue = ANY ($1) AND s.ts = $2 AND s.logic_version = $3 AND s.strength = 'all' AND s.regime = 'all'
ORDER BY s.edge = 'no demonstrated edge', s.n DESC, 1, 2, 3, 4, 5
LIMIT 20
