-- Steps of rules: the state moves on where it is still the one that the step was made from, and only then is there an alert.
-- Both in one statement: neither is without the other, whoever else evaluates the same.
WITH steps AS (
    SELECT s.*
    FROM jsonb_to_recordset(%(steps)s) AS s (
        rule_id integer, instrument_id integer, revision integer, moves bigint, truth boolean, sides boolean[], read jsonb,
        known_at timestamptz, fired_at timestamptz, held_back integer, fires boolean, ts timestamptz,
        reference text, severity text, title text, detail jsonb
    )
    JOIN alert_rules AS r ON r.rule_id = s.rule_id AND r.revision = s.revision AND r.enabled
    FOR SHARE OF r
),
moved AS (
    INSERT INTO alert_rule_states AS o (rule_id, instrument_id, revision, moves, truth, sides, read, evaluated_at, fired_at,
        held_back)
    SELECT rule_id, instrument_id, revision, moves + 1, truth, coalesce(sides, '{}'), read, known_at, fired_at, held_back
    FROM steps
    ORDER BY rule_id, instrument_id
    ON CONFLICT (rule_id, instrument_id) DO UPDATE SET revision = excluded.revision, moves = excluded.moves,
        truth = excluded.truth, sides = excluded.sides, read = excluded.read, evaluated_at = excluded.evaluated_at,
        fired_at = excluded.fired_at, held_back = excluded.held_back
    WHERE o.revision < excluded.revision OR (o.revision = excluded.revision AND o.moves = excluded.moves - 1)
    RETURNING o.rule_id, o.instrument_id
),
alerted AS (
    INSERT INTO order_book_alerts (instrument_id, ts, kind, reference, severity, title, detail, known_at, logic_version, rule_id)
    SELECT s.instrument_id, s.ts, 'rule', s.reference, s.severity, s.title, s.detail, s.known_at, s.revision, s.rule_id
    FROM steps AS s
    JOIN moved USING (rule_id, instrument_id)
    WHERE s.fires
    ON CONFLICT DO NOTHING
    RETURNING rule_id, instrument_id, alert_id
)
SELECT m.rule_id, m.instrument_id, a.alert_id
FROM moved AS m
LEFT JOIN alerted AS a USING (rule_id, instrument_id)
