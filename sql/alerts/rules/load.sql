-- Rules that are to be evaluated, with the instruments that they are of; null: all that are tracked.
SELECT r.rule_id, r.revision, r.name, r.expression, r.reads, r.evaluator, r.problem, r.mode,
    extract(epoch FROM r.cool_down)::double precision AS cool_down, r.severity,
    extract(epoch FROM r.expires_at)::double precision AS expires_at, r.sinks,
    CASE r.scope
        WHEN 'symbol' THEN ARRAY[r.instrument_id]
        WHEN 'watchlist' THEN ARRAY(SELECT s.instrument_id FROM watchlist_symbols AS s WHERE s.watchlist_id = r.watchlist_id)
    END AS instruments
FROM alert_rules AS r
WHERE r.enabled AND (r.expires_at IS NULL OR r.expires_at > clock_timestamp())
ORDER BY r.rule_id
