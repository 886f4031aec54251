-- Tables and views of this schema: what each is, and how many columns it has. The first sentence is enough here.
SELECT c.relname AS relation,
    CASE WHEN c.relkind IN ('v', 'm') AND c.relname NOT IN (SELECT 'ohlcv_' || timeframe FROM timeframes)
        THEN 'view' ELSE 'table' END AS kind,
    (SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS meaning
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT starts_with(c.relname, '_yoyo') AND NOT starts_with(c.relname, 'yoyo')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY kind DESC, c.relname COLLATE "C"
