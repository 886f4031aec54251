-- Columns of a table or view with their descriptions, in order.
SELECT
    obj_description(c.oid, 'pg_class') AS description,
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    col_description(c.oid, a.attnum) AS column_description
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.oid = to_regclass(%(relation)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
