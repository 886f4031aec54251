-- Patterns that became known, each with the confidence in it where it could be told.
SELECT p.instrument_id, extract(epoch FROM p.known_at)::double precision AS ts,
    extract(epoch FROM p.known_at)::double precision AS known_at,
    concat_ws(' ', p.family, p.pattern, p.stage, p.reference) AS record,
    p.pattern, p.family, p.direction, p.stage, c.confidence
FROM patterns AS p
JOIN timeframes AS t USING (timeframe)
LEFT JOIN LATERAL (
    SELECT o.confidence FROM pattern_confidences AS o
    JOIN pattern_kinds AS k USING (kind_id)
    WHERE o.instrument_id = p.instrument_id AND o.timeframe_id = t.timeframe_id AND o.ts = p.ts AND k.family = p.family
        AND k.pattern = p.pattern AND o.sign = CASE p.direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1 ELSE 0 END
        AND o.stage_id = array_position(
            ARRAY['forming', 'complete', 'evolved', 'expired', 'failed', 'target_met'], p.stage) - 1
        AND o.reference = coalesce(p.reference, '') AND o.logic_version > 0
    ORDER BY o.logic_version DESC, o.configuration_version DESC LIMIT 1
) AS c ON true
WHERE p.instrument_id = ANY(%(instruments)s::integer[]) AND t.timeframe_id = %(timeframe_id)s::smallint
    AND p.known_at > %(after)s AND p.known_at <= %(until)s
