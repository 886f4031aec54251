-- Which transactions this one sees: what they stored is in what it reads.
SELECT pg_current_snapshot()::text AS seen
