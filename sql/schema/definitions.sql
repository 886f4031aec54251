-- What the database has of views and routines, by name: a digest of all that their files say of them. The names come
-- with their schema where that is not public. To be asked with settings that do not change how it spells things.
SELECT is_view, name, md5(string_agg(said, E'\n' ORDER BY said COLLATE "C")) AS digest
FROM (
    SELECT true AS is_view, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name,
        concat_ws(E'\n', pg_get_viewdef(c.oid), c.reloptions::text, (
            SELECT string_agg(o.objsubid || ' ' || o.description, E'\n' ORDER BY o.objsubid)
            FROM pg_description AS o
            WHERE o.classoid = 'pg_class'::regclass AND o.objoid = c.oid
        )) AS said
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v' AND n.nspname IN ('public', 'platform')
    UNION ALL
    SELECT false, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || p.proname,
        concat_ws(E'\n', pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'), (
            SELECT string_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text, E'\n' ORDER BY t.tgname)
            FROM pg_trigger AS t
            JOIN pg_class AS r ON r.oid = t.tgrelid AND r.relnamespace = 'public'::regnamespace
            WHERE t.tgfoid = p.oid
        ))
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p') AND n.nspname IN ('public', 'platform') AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
) AS definitions
WHERE name = ANY (%(names)s::text[])
GROUP BY is_view, name
