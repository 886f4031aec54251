-- Rules with whom they are of, and what became of them; one of them, or all. looked_at: by whom of its evaluators last.
SELECT r.rule_id, r.name, r.scope, i.venue, i.symbol, w.name AS watchlist, r.expression, r.reads, r.evaluator, r.problem,
    r.mode, extract(epoch FROM r.cool_down)::double precision AS cool_down_seconds, r.severity, r.expires_at, r.sinks,
    r.enabled, coalesce(r.expires_at <= clock_timestamp(), false) AS expired, r.revision, r.created_by, r.created_at,
    r.updated_at, s.symbols, s.holds, s.fired_at, coalesce(f.alerts, 0) AS alerts, l.looked_at
FROM alert_rules AS r
LEFT JOIN instruments AS i USING (instrument_id)
LEFT JOIN watchlists AS w USING (watchlist_id)
LEFT JOIN LATERAL (
    SELECT count(*) AS symbols, count(*) FILTER (WHERE o.truth) AS holds, max(o.fired_at) AS fired_at
    FROM alert_rule_states AS o WHERE o.rule_id = r.rule_id AND o.revision = r.revision
) AS s ON true
LEFT JOIN LATERAL (SELECT count(*) AS alerts FROM order_book_alerts AS a WHERE a.rule_id = r.rule_id) AS f ON true
LEFT JOIN LATERAL (SELECT max(o.looked_at) AS looked_at FROM alert_rule_looks AS o WHERE o.rule_id = r.rule_id) AS l ON true
WHERE %(rule_id)s::integer IS NULL OR r.rule_id = %(rule_id)s
ORDER BY lower(r.name)
