-- Objects that are not ours and hold on to what was moved to alphapulse_plain.
SELECT DISTINCT format('view %s', v.oid::regclass) AS name
FROM pg_depend AS d
JOIN pg_class AS moved ON moved.oid = d.refobjid AND moved.relnamespace = 'alphapulse_plain'::regnamespace
JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class AS v ON v.oid = r.ev_class AND v.oid <> moved.oid
WHERE v.relnamespace <> 'alphapulse_plain'::regnamespace
    OR NOT EXISTS (SELECT FROM pg_class AS n WHERE n.relname = v.relname AND n.relnamespace = 'public'::regnamespace)
UNION
SELECT DISTINCT format('foreign key of %s', k.conrelid::regclass)
FROM pg_constraint AS k
JOIN pg_class AS moved ON moved.oid = k.confrelid AND moved.relnamespace = 'alphapulse_plain'::regnamespace
JOIN pg_class AS c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND (
    c.relnamespace <> 'alphapulse_plain'::regnamespace
    OR NOT EXISTS (SELECT FROM pg_class AS n WHERE n.relname = c.relname AND n.relnamespace = 'public'::regnamespace)
)
ORDER BY 1
