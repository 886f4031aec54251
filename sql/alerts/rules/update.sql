-- A rule as it is to be from now on.
UPDATE alert_rules SET name = %(name)s, expression = %(expression)s, reads = %(reads)s::text[], evaluator = %(evaluator)s,
    problem = NULL, mode = %(mode)s, cool_down = make_interval(secs => %(cool_down_seconds)s), severity = %(severity)s,
    expires_at = %(expires_at)s, sinks = %(sinks)s::text[], enabled = %(enabled)s
WHERE rule_id = %(rule_id)s
