UPDATE imports SET status = %(status)s, error = %(error)s, finished_at = now()
WHERE import_id = %(import_id)s
