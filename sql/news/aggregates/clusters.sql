-- Stories about coins of tracked symbols that so many outlets told within so long of their first text: the moment of the
-- outlet that made it so many, who told them by then, and the first headline with its address. Posts do not count: what
-- many repeat there is an advertisement more often than news.
WITH recent AS (
    SELECT DISTINCT t.cluster_id FROM texts AS t WHERE t.ts > %(since)s AND t.ts <= %(now)s
), told AS (
    SELECT t.cluster_id, t.source, min(t.ts) AS ts, min(min(t.ts)) OVER (PARTITION BY t.cluster_id) AS first_at
    FROM texts AS t
    JOIN recent USING (cluster_id)
    WHERE t.kind = 'news' AND t.ts > %(since)s - INTERVAL '96 hours' AND t.ts <= %(now)s
    GROUP BY t.cluster_id, t.source
), ranked AS (
    SELECT cluster_id, source, ts, first_at,
        row_number() OVER (PARTITION BY cluster_id ORDER BY ts, source) AS place
    FROM told
    WHERE ts <= first_at + %(within)s::interval
), reached AS (
    SELECT r.cluster_id, r.ts, r.first_at, n.names
    FROM ranked AS r
    CROSS JOIN LATERAL (
        SELECT string_agg(o.source, ', ' ORDER BY o.place) AS names FROM ranked AS o
        WHERE o.cluster_id = r.cluster_id AND o.place <= r.place
    ) AS n
    WHERE r.place = %(sources)s AND r.ts > %(since)s
)
SELECT DISTINCT ON (r.ts, r.cluster_id, l.coin)
    l.coin, r.cluster_id, r.ts, r.first_at, r.names, f.title, f.url
FROM reached AS r
JOIN LATERAL (
    SELECT t.text_id, t.title, t.url FROM texts AS t WHERE t.cluster_id = r.cluster_id AND t.kind = 'news' AND t.ts <= r.ts
    ORDER BY t.ts, t.text_id LIMIT 1
) AS f ON true
JOIN texts AS t ON t.cluster_id = r.cluster_id AND t.ts <= r.ts
JOIN text_links AS l ON l.text_id = t.text_id AND l.logic_version = %(version)s
WHERE EXISTS (SELECT FROM instruments AS i WHERE i.tracked AND i.base = l.coin)
ORDER BY r.ts, r.cluster_id, l.coin
