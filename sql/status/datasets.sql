-- How far each data set is computed and how many days of it are due: of all that follow from bars (%(derived)s), and
-- of others (%(datasets)s, in their order) where windows are kept of them.
SELECT d.dataset, coalesce(w.symbols, 0) AS symbols, w.computed_until,
    extract(epoch FROM now() - w.computed_until)::double precision AS age_seconds, m.days_due
FROM unnest(%(datasets)s::text[]) WITH ORDINALITY AS d (dataset, place)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT instrument_id) AS symbols, max(upper(windows)) AS computed_until
    FROM derived_windows AS a WHERE a.dataset = d.dataset AND a.logic_version >= 0
) AS w
CROSS JOIN LATERAL (SELECT count(*) AS days_due FROM derived_dirty AS a WHERE a.dataset = d.dataset) AS m
WHERE w.symbols > 0 OR d.dataset = ANY (%(derived)s::text[])
ORDER BY d.place
