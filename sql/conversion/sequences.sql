-- Sequences that belong to columns of the new tables, with the state of the old ones.
SELECT setval(n.oid::regclass, s.last_value, true)
FROM pg_sequences AS s
JOIN pg_class AS n ON n.relname = s.sequencename AND n.relkind = 'S' AND n.relnamespace = 'public'::regnamespace
WHERE s.schemaname = 'alphapulse_plain' AND s.last_value IS NOT NULL
