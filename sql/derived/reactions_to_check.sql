-- Statistics of these venues ($1) as of a moment after $2 and up to $3.
SELECT * FROM volume_reaction_stats WHERE venue = ANY ($1) AND ts > $2 AND ts <= $3
