-- As the view data_gaps, of what was known then.
SELECT * FROM data_gaps_as_of({as_of})
