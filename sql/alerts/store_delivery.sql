-- What became of telling an alert; one that arrived is remembered with what was told.
WITH settled AS (
    INSERT INTO platform_alert_deliveries (alert_id, settled_at, sink, what, outcome, attempts, error, answer)
    VALUES (%(alert_id)s, %(settled_at)s, %(sink)s, %(what)s, %(outcome)s, %(attempts)s, %(error)s, %(answer)s)
    ON CONFLICT (alert_id, settled_at, sink) DO NOTHING
    RETURNING outcome = 'delivered' AS delivered
)
UPDATE platform_alerts AS a
SET told_at = CASE WHEN s.delivered THEN %(settled_at)s ELSE a.told_at END,
    told = CASE WHEN s.delivered THEN %(told)s::text[] ELSE a.told END,
    tellings = a.tellings + s.delivered::integer,
    tries = CASE WHEN s.delivered THEN 0 ELSE a.tries + 1 END,
    tried_at = %(settled_at)s
FROM settled AS s
WHERE a.alert_id = %(alert_id)s
