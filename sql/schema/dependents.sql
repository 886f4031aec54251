-- Everything that holds on to a view or routine, directly or not, and itself (depth 0): what has to go before it can,
-- deepest first. A row type stands for its relation, and a rule for its view.
WITH RECURSIVE edges AS (
    SELECT CASE WHEN t.oid IS NULL THEN d.refclassid ELSE 'pg_class'::regclass END AS needed_class,
        coalesce(t.typrelid, d.refobjid) AS needed,
        CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS class,
        coalesce(r.ev_class, d.objid) AS id
    FROM pg_depend AS d
    LEFT JOIN pg_type AS t
        ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND t.typrelid <> 0
    LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    WHERE d.deptype IN ('n', 'a')
), found AS (
    SELECT
        CASE WHEN %(is_view)s THEN 'pg_class'::regclass ELSE 'pg_proc'::regclass END AS class, root AS id, 0 AS depth
    FROM unnest(%(roots)s::oid[]) AS root
    UNION
    SELECT e.class, e.id, f.depth + 1
    FROM found AS f
    JOIN edges AS e ON e.needed_class = f.class AND e.needed = f.id AND (e.class, e.id) <> (f.class, f.id)
    WHERE f.depth < 50
), deepest AS (
    SELECT class, id, max(depth) AS depth FROM found GROUP BY class, id
)
SELECT d.class = 'pg_class'::regclass AS is_view, d.id,
    CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || coalesce(c.relname, p.proname) AS name,
    CASE WHEN c.relkind = 'v' THEN 'VIEW ' || c.oid::regclass WHEN p.oid IS NOT NULL THEN 'ROUTINE ' || p.oid::regprocedure END
        AS to_drop,
    pg_describe_object(d.class, d.id, 0) AS description
FROM deepest AS d
LEFT JOIN pg_class AS c ON d.class = 'pg_class'::regclass AND c.oid = d.id
LEFT JOIN pg_proc AS p ON d.class = 'pg_proc'::regclass AND p.oid = d.id
LEFT JOIN pg_namespace AS n ON n.oid = coalesce(c.relnamespace, p.pronamespace)
ORDER BY d.depth DESC, name
