UPDATE imports
SET status = 'undone', undone_at = now(), removed = %(removed)s, restored = %(restored)s, kept = %(kept)s
WHERE import_id = %(import_id)s
