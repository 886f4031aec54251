-- That rules were looked at.
INSERT INTO alert_rule_looks AS o (rule_id, evaluator, looked_at, looks, unknown)
SELECT l.rule_id, %(evaluator)s, clock_timestamp(), l.looks, l.unknown
FROM jsonb_to_recordset(%(looks)s) AS l (rule_id integer, looks bigint, unknown bigint)
JOIN alert_rules AS r USING (rule_id)
ON CONFLICT (rule_id, evaluator) DO UPDATE SET looked_at = excluded.looked_at, looks = excluded.looks,
    unknown = excluded.unknown
