-- A series is asked for: from now on its days are marked when bars change, and every day that has bars is due.
WITH begun AS (
    INSERT INTO derived_datasets (dataset, description) VALUES (%(dataset)s, %(description)s)
    ON CONFLICT (dataset) DO UPDATE SET description = excluded.description
    RETURNING dataset
)
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT begun.dataset, b.instrument_id, (b.ts AT TIME ZONE 'UTC')::date
FROM begun
CROSS JOIN ohlcv_1d AS b
ON CONFLICT (dataset, instrument_id, day) DO NOTHING
