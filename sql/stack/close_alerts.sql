-- A stack has started and does its work: what was told of its predecessor's processes is over.
UPDATE platform_alerts SET resolved_at = now()
WHERE kind IN ('process', 'database', 'stack') AND resolved_at IS NULL
