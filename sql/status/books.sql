-- Live order books as their workers last told of them; alive: whether that worker still is.
SELECT i.venue, i.symbol, s.state, s.cause, s.since, s.last_update, s.spread_bps, s.weighted_mid, s.imbalance,
    s.bid_depth_10bps, s.ask_depth_10bps, s.bid_depth_50bps, s.ask_depth_50bps,
    s.messages, s.gaps, s.resyncs, s.dropped, s.shard, s.run_id, s.updated_at, s.levels, s.usd_rate,
    s.usd_rate_source,
    extract(epoch FROM clock_timestamp() - s.last_update)::double precision AS age_seconds,
    s.messages / nullif(extract(epoch FROM s.updated_at - w.started_at), 0)::double precision AS messages_per_second,
    coalesce(w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - INTERVAL '30 seconds', false) AS alive
FROM order_book_status AS s
JOIN instruments AS i USING (instrument_id)
LEFT JOIN stream_workers AS w USING (run_id)
WHERE (i.tracked OR s.state <> 'stopped')
    AND (%(venue)s::text IS NULL OR i.venue = %(venue)s)
    AND (%(symbol)s::text IS NULL OR i.symbol ILIKE '%%' || %(symbol)s || '%%')
ORDER BY i.venue, i.symbol
