-- Bring staged rows into their table: new ones in, different ones over the old, the rest untouched.
-- Braces are filled by alphapulse_resources/database/upsert.py. The join before the insert keeps a replay from
-- writing anything; ON CONFLICT guards against a second writer.
WITH incoming AS (
    SELECT s.*, old.{probe} IS NULL AS is_new
    FROM {stage} AS s
    LEFT JOIN (SELECT * FROM {table} AS o WHERE {window}) AS old USING ({key})
    WHERE old.{probe} IS NULL OR {differs_from_old}
), revised AS (
    {keep_old}
), written AS (
    INSERT INTO {table} AS target ({columns})
    SELECT {columns} FROM incoming
    ORDER BY {key}
    ON CONFLICT ({key}) DO UPDATE SET {assignments}
    WHERE {differs_from_target}
)
SELECT {touched}, count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed
FROM incoming
GROUP BY {group}
