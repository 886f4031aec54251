-- When a collector last had an answer.
SELECT answered_at FROM collectors WHERE collector = %(collector)s
