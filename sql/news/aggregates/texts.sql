-- Texts that were seen in a window ($1 to $2), without their words.
SELECT text_id, known_at, kind, source, cluster_id FROM texts WHERE ts >= $1 AND ts < $2
