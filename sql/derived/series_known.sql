-- Whether a series (%(dataset)s) is brought up to date when bars change, and its definitions (%(number)s) are kept.
SELECT
    EXISTS (SELECT FROM derived_datasets WHERE dataset = %(dataset)s)
    AND EXISTS (SELECT FROM indicator_series_definitions WHERE logic_version = %(number)s) AS known
