CREATE OR REPLACE VIEW stream_status AS
SELECT i.venue, i.symbol, s.state, s.cause, s.since, s.last_update,
    extract(epoch FROM now() - s.last_update)::double precision AS age_seconds, h.alive AS worker_alive,
    h.alive AND s.state = 'synced' AS trusted, s.spread_bps, s.weighted_mid, s.imbalance, s.bid_depth_10bps,
    s.ask_depth_10bps, s.bid_depth_50bps, s.ask_depth_50bps, s.messages, s.gaps, s.resyncs, s.dropped, s.shard,
    s.run_id, s.updated_at, s.instrument_id
FROM order_book_status AS s
JOIN instruments AS i USING (instrument_id)
LEFT JOIN stream_workers AS w USING (run_id)
CROSS JOIN LATERAL (SELECT coalesce(stream_alive(w.stopped_at, w.heartbeat_at), false) AS alive) AS h;
COMMENT ON VIEW stream_status IS 'The order books as they are now, and whether the run that keeps each still lives.';
COMMENT ON COLUMN stream_status.venue IS 'Venue.';
COMMENT ON COLUMN stream_status.symbol IS 'Unified symbol.';
COMMENT ON COLUMN stream_status.state IS 'State of the book (order_book_events).';
COMMENT ON COLUMN stream_status.cause IS 'Why it is in that state.';
COMMENT ON COLUMN stream_status.since IS 'Since when, by our clock.';
COMMENT ON COLUMN stream_status.last_update IS 'When an update was last applied, by our clock.';
COMMENT ON COLUMN stream_status.age_seconds IS 'Seconds since an update was last applied.';
COMMENT ON COLUMN stream_status.worker_alive IS 'Whether its run lives: not stopped, and a heartbeat within 30 s.';
COMMENT ON COLUMN stream_status.trusted IS 'Whether the book can be trusted now: synced, and its run lives.';
COMMENT ON COLUMN stream_status.spread_bps IS '(best_ask - best_bid) / mid, in basis points. Null unless synced, as the figures that follow.';
COMMENT ON COLUMN stream_status.weighted_mid IS 'Weighted mid, in quote units.';
COMMENT ON COLUMN stream_status.imbalance IS '(bid size - ask size) / (bid size + ask size) over the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN stream_status.bid_depth_10bps IS 'Notional of bids within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN stream_status.ask_depth_10bps IS 'Notional of asks within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN stream_status.bid_depth_50bps IS 'Notional of bids within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN stream_status.ask_depth_50bps IS 'Notional of asks within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN stream_status.messages IS 'Messages of this run for this book.';
COMMENT ON COLUMN stream_status.gaps IS 'Breaks noticed in this run.';
COMMENT ON COLUMN stream_status.resyncs IS 'Broken books that were made right in this run.';
COMMENT ON COLUMN stream_status.dropped IS 'Messages of this run that were let go unread.';
COMMENT ON COLUMN stream_status.shard IS 'Shard that keeps the book.';
COMMENT ON COLUMN stream_status.run_id IS 'Run that keeps the book (stream_workers).';
COMMENT ON COLUMN stream_status.updated_at IS 'When this row was made, by our clock.';
COMMENT ON COLUMN stream_status.instrument_id IS 'Key of the instrument, for joins.';
