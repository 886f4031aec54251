-- Books of tracked symbols that their worker has not been able to prove for some time, by venue.
SELECT i.venue, array_agg(i.symbol ORDER BY i.symbol) AS symbols,
    extract(epoch FROM clock_timestamp() - min(s.since))::double precision AS seconds,
    array_agg(DISTINCT s.state ORDER BY s.state) AS states
FROM order_book_status AS s
JOIN instruments AS i USING (instrument_id)
JOIN stream_workers AS w USING (run_id)
WHERE i.tracked AND w.stopped_at IS NULL AND s.state NOT IN ('synced', 'stopped')
    AND s.since < clock_timestamp() - INTERVAL '2 minutes'
GROUP BY i.venue
ORDER BY i.venue
