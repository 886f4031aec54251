-- What was moved and has no counterpart in the new schema: it is not ours and goes back.
SELECT c.oid,
    CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
FROM pg_class AS c
WHERE c.relnamespace = 'alphapulse_plain'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND NOT EXISTS (SELECT FROM pg_class AS n WHERE n.relname = c.relname AND n.relnamespace = 'public'::regnamespace)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('i', 'a') AND c.relkind = 'S'
    )
UNION ALL
SELECT p.oid, 'ROUTINE'
FROM pg_proc AS p
WHERE p.pronamespace = 'alphapulse_plain'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_proc AS n WHERE n.proname = p.proname AND n.pronamespace = 'public'::regnamespace)
