-- What the levels of each score say at the horizon that counts as success, as of moments after $1 and up to $2 (of a
-- version, $3, and a configuration, $4): whether it was seen to rise, and the note.
SELECT DISTINCT ON (t.minutes, s.score) t.timeframe, s.score, s.horizon, s.increasing, s.slope_low, s.slope_high, s.note
FROM score_calibration_stats AS s
JOIN timeframes AS t USING (timeframe_id)
WHERE s.ts > $1 AND s.ts <= $2 AND s.logic_version = $3 AND s.configuration_version = $4 AND s.horizon = $5
ORDER BY t.minutes, s.score, s.ts DESC
