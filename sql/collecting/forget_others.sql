-- Questions that nobody asks any more.
DELETE FROM collectors WHERE NOT collector = ANY(%(collectors)s)
