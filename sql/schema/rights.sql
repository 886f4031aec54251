-- Who may do what with a view (its columns too) or with routines, and whose they are.
SELECT pg_get_userbyid(o.owner) AS owner, CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS role,
    a.privilege_type AS privilege, a.is_grantable, o.column_name
FROM (
    SELECT c.relowner AS owner, coalesce(c.relacl, acldefault('r', c.relowner)) AS acl, NULL::text AS column_name
    FROM pg_class AS c WHERE %(is_view)s AND c.oid = %(id)s
    UNION ALL
    SELECT c.relowner, t.attacl, t.attname::text
    FROM pg_class AS c
    JOIN pg_attribute AS t ON t.attrelid = c.oid AND t.attacl IS NOT NULL
    WHERE %(is_view)s AND c.oid = %(id)s
    UNION ALL
    SELECT p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), NULL
    FROM pg_proc AS p WHERE NOT %(is_view)s AND p.oid = %(id)s
) AS o
CROSS JOIN LATERAL aclexplode(o.acl) AS a
