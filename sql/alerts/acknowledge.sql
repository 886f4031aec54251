-- Somebody has seen an alert; said again it is the same, with the newer note.
INSERT INTO alert_acknowledgements AS k (alert_id, acknowledged_by, note)
SELECT a.alert_id, %(by)s, %(note)s FROM alerts AS a WHERE a.alert_id = %(alert_id)s
ON CONFLICT (alert_id, acknowledged_by) DO UPDATE SET note = coalesce(excluded.note, k.note)
RETURNING k.alert_id, k.acknowledged_by, k.acknowledged_at, k.note
