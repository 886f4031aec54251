-- Rights that others had on the old tables and views and have not on the new ones.
SELECT o.relname AS name, a.privilege_type AS privilege, a.is_grantable,
    CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS role
FROM pg_class AS o
JOIN pg_class AS n ON n.relname = o.relname AND n.relnamespace = 'public'::regnamespace AND n.relkind IN ('r', 'p', 'v')
CROSS JOIN LATERAL aclexplode(o.relacl) AS a
WHERE o.relnamespace = 'alphapulse_plain'::regnamespace AND o.relkind IN ('r', 'p', 'v') AND a.grantee <> o.relowner
    AND NOT EXISTS (
        SELECT FROM aclexplode(n.relacl) AS b
        WHERE b.grantee = a.grantee AND b.privilege_type = a.privilege_type AND b.is_grantable = a.is_grantable
    )
