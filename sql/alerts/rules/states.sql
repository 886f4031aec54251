-- What is remembered of rules, of their revision now.
SELECT s.rule_id, s.instrument_id, s.moves, s.truth, s.sides, extract(epoch FROM s.fired_at)::double precision AS fired_at,
    s.held_back
FROM alert_rule_states AS s
JOIN alert_rules AS r USING (rule_id, revision)
WHERE s.rule_id = ANY(%(rules)s::integer[]) AND (%(instruments)s::integer[] IS NULL OR s.instrument_id = ANY(%(instruments)s))
