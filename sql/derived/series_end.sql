-- Series that are not asked for any more (all but %(kept)s): nothing of them is due; their rows stay.
WITH ended AS (
    DELETE FROM derived_datasets
    WHERE dataset LIKE 'indicator\_series %%' AND NOT dataset = ANY (%(kept)s)
    RETURNING dataset
)
DELETE FROM derived_dirty AS d USING ended WHERE d.dataset = ended.dataset
