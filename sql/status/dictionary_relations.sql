-- Tables and views of this schema with their columns; what belongs to an extension or to yoyo is left out.
SELECT c.relname AS relation,
    -- aggregates are views to TimescaleDB and tables elsewhere: here they are facts everywhere
    c.relkind IN ('v', 'm') AND c.relname NOT IN (SELECT 'ohlcv_' || timeframe FROM timeframes) AS is_view,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS description,
    a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
    coalesce(col_description(c.oid, a.attnum), '') AS column_description
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT starts_with(c.relname, '_yoyo') AND NOT starts_with(c.relname, 'yoyo')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY c.relname COLLATE "C", a.attnum
