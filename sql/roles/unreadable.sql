-- Tables and views that a role may not read yet.
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')
    AND NOT has_table_privilege(%s, oid, 'SELECT')
    AND pg_has_role(relowner, 'USAGE')
ORDER BY relname
