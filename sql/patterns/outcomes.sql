-- Outcomes of instruments ($1), a timeframe ($2) and a version ($3) after patterns at bars from $4 on that opened before $5,
-- with all horizons that are over.
SELECT o.*, k.family, k.pattern, CASE o.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction,
    CASE o.regime_sign WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'range' END AS regime
FROM pattern_outcome_events AS o
JOIN pattern_kinds AS k USING (kind_id)
WHERE o.instrument_id = ANY ($1) AND o.timeframe_id = $2 AND o.logic_version = $3 AND o.ts >= $4 AND o.ts < $5
