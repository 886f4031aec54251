-- Sources that have not answered for an hour while another serves their data set: what they alone tell is missing.
SELECT d.dataset, d.source, max(d.answered_at) AS answered_at, max(d.why) AS why,
    extract(epoch FROM clock_timestamp() - coalesce(max(d.answered_at), min(c.declared_at)))::double precision AS seconds
FROM data_sources AS d
JOIN collectors AS c USING (collector)
WHERE d.dataset = c.datasets[1]
GROUP BY d.dataset, d.source
HAVING NOT bool_or(d.state IN ('answers', 'waiting', 'off'))
    AND coalesce(max(d.answered_at), min(c.declared_at)) < clock_timestamp() - INTERVAL '1 hour'
    AND EXISTS (SELECT FROM data_sources AS o WHERE o.dataset = d.dataset AND o.state = 'answers')
ORDER BY d.dataset, d.source
