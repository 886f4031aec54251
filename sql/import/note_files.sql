-- How far an import has come; the counts are those of its files.
UPDATE imports
SET files = %(files)s, rows = %(rows)s, inserted = %(inserted)s, changed = %(changed)s, unchanged = %(unchanged)s,
    quarantined = %(quarantined)s
WHERE import_id = %(import_id)s
