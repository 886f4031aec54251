-- Tables that are in both schemas, what refers to others after these, with the columns that can be written.
WITH RECURSIVE pairs AS (
    SELECT n.oid, n.relname AS name, o.oid AS old
    FROM pg_class AS n
    JOIN pg_class AS o ON o.relname = n.relname AND o.relnamespace = 'alphapulse_plain'::regnamespace AND o.relkind IN ('r', 'p')
    WHERE n.relnamespace = 'public'::regnamespace AND n.relkind IN ('r', 'p')
), depth AS (
    SELECT oid, 0 AS level FROM pairs
    UNION
    SELECT k.conrelid, d.level + 1
    FROM depth AS d JOIN pg_constraint AS k ON k.confrelid = d.oid AND k.contype = 'f' AND k.conrelid <> k.confrelid
    WHERE d.level < 20
)
SELECT p.name, h.time_column,
    extract(epoch FROM h.time_interval)::float8 AS chunk_seconds,
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY a.attnum
    ) AS columns
FROM pairs AS p
JOIN (SELECT oid, max(level) AS level FROM depth GROUP BY oid) AS d USING (oid)
LEFT JOIN (
    SELECT hypertable_name, column_name::text AS time_column, time_interval
    FROM timescaledb_information.dimensions WHERE hypertable_schema = 'public'
) AS h ON h.hypertable_name = p.name
ORDER BY d.level, p.name
