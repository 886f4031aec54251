-- What analysts read of the streams themselves, and of the candles they bring. Nothing here stores anything.

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

CREATE OR REPLACE VIEW stream_health AS
SELECT w.shard, w.run_id, stream_alive(w.stopped_at, w.heartbeat_at) AS alive, w.symbols, b.books, b.synced,
    l.rows AS rows_last_minute, l.dropped AS dropped_last_minute, l.received_p99_ms, l.queryable_p99_ms,
    w.started_at, w.heartbeat_at, extract(epoch FROM now() - w.heartbeat_at)::double precision AS heartbeat_age_seconds,
    w.stopped_at, w.stopped_because, w.code_version, w.host, w.pid
FROM stream_workers AS w
CROSS JOIN LATERAL (
    SELECT count(*) AS books, count(*) FILTER (WHERE s.state = 'synced') AS synced
    FROM order_book_status AS s
    WHERE s.run_id = w.run_id AND stream_alive(w.stopped_at, w.heartbeat_at)
) AS b
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.rows), 0)::bigint AS rows, coalesce(sum(m.dropped), 0)::bigint AS dropped,
        max(m.received_p99_ms) AS received_p99_ms, max(m.queryable_p99_ms) AS queryable_p99_ms
    FROM stream_latency AS m
    WHERE m.run_id = w.run_id AND m.ts > now() - INTERVAL '1 minute'
) AS l;
COMMENT ON VIEW stream_health IS 'Every stream run: whether it lives, what it keeps, and how well its rows get through.';
COMMENT ON COLUMN stream_health.shard IS 'Which part of the symbols it has: 1-of-2 is the first of two.';
COMMENT ON COLUMN stream_health.run_id IS 'Dagster run.';
COMMENT ON COLUMN stream_health.alive IS 'Whether it lives: not stopped, and a heartbeat within 30 s.';
COMMENT ON COLUMN stream_health.symbols IS 'Symbols it has.';
COMMENT ON COLUMN stream_health.books IS 'Books it keeps; 0 when it does not live.';
COMMENT ON COLUMN stream_health.synced IS 'Of these, books that can be trusted.';
COMMENT ON COLUMN stream_health.rows_last_minute IS 'Rows it stored in the last minute.';
COMMENT ON COLUMN stream_health.dropped_last_minute IS 'Rows it let go in the last minute (stream_losses).';
COMMENT ON COLUMN stream_health.received_p99_ms IS 'Worst 99th percentile of the last minute, venue to us, in milliseconds.';
COMMENT ON COLUMN stream_health.queryable_p99_ms IS 'Worst 99th percentile of the last minute, receipt to readable, in milliseconds.';
COMMENT ON COLUMN stream_health.started_at IS 'When it started.';
COMMENT ON COLUMN stream_health.heartbeat_at IS 'When it last said that it lives; every few seconds.';
COMMENT ON COLUMN stream_health.heartbeat_age_seconds IS 'Seconds since then.';
COMMENT ON COLUMN stream_health.stopped_at IS 'When it stopped; null while it runs, or until its end was noticed.';
COMMENT ON COLUMN stream_health.stopped_because IS 'Why it stopped; lost: its end was noticed by the run after it.';
COMMENT ON COLUMN stream_health.code_version IS 'Version of the code it runs.';
COMMENT ON COLUMN stream_health.host IS 'Machine it runs on.';
COMMENT ON COLUMN stream_health.pid IS 'Process on that machine.';

CREATE OR REPLACE VIEW stream_losses AS
SELECT i.venue, i.symbol, g.dataset, g.gap_start, g.gap_end, g.rows, g.reason, g.run_id, g.created_at, g.instrument_id
FROM stream_gaps AS g
LEFT JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW stream_losses IS 'Rows that streams made and could not store: which, how many, and why. What books missed is in book_gaps.';
COMMENT ON COLUMN stream_losses.venue IS 'Venue; null for an instrument that is not known.';
COMMENT ON COLUMN stream_losses.symbol IS 'Unified symbol; null for an instrument that is not known.';
COMMENT ON COLUMN stream_losses.dataset IS 'Table they were meant for.';
COMMENT ON COLUMN stream_losses.gap_start IS 'Time (ts) of the first row lost.';
COMMENT ON COLUMN stream_losses.gap_end IS 'Time (ts) of the last row lost.';
COMMENT ON COLUMN stream_losses.rows IS 'How many.';
COMMENT ON COLUMN stream_losses.reason IS 'Why, such as: the database was away and memory full.';
COMMENT ON COLUMN stream_losses.run_id IS 'Run that lost them (stream_workers).';
COMMENT ON COLUMN stream_losses.created_at IS 'When the row was made.';
COMMENT ON COLUMN stream_losses.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW ohlcv_live AS
SELECT i.venue, i.symbol, c.ts, c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades, c.taker_buy_volume,
    true AS closed, s.source, c.received_at, c.instrument_id
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
WHERE c.ts >= now() - 2 * INTERVAL '24 hours'
UNION ALL
SELECT i.venue, i.symbol, f.ts, f.open, f.high, f.low, f.close, f.volume, f.quote_volume, f.trades, f.taker_buy_volume,
    false, 'stream', f.received_at, f.instrument_id
FROM forming_candles AS f
JOIN instruments AS i USING (instrument_id)
WHERE f.ts >= now() - 2 * INTERVAL '24 hours'
    AND NOT EXISTS (SELECT FROM ohlcv_1m AS n WHERE n.instrument_id = f.instrument_id AND n.ts >= f.ts);
COMMENT ON VIEW ohlcv_live IS 'The 1m candles of the last two days, and the one that is forming.';
COMMENT ON COLUMN ohlcv_live.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv_live.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv_live.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ohlcv_live.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_live.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv_live.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv_live.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv_live.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv_live.quote_volume IS 'Traded value, in quote units; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.trades IS 'Number of trades; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.taker_buy_volume IS 'Size bought by takers, in base units; null where the venue does not tell.';
COMMENT ON COLUMN ohlcv_live.closed IS 'False for the candle that is forming: its figures are those so far.';
COMMENT ON COLUMN ohlcv_live.source IS 'Where it came from.';
COMMENT ON COLUMN ohlcv_live.received_at IS 'When these values reached us.';
COMMENT ON COLUMN ohlcv_live.instrument_id IS 'Key of the instrument, for joins.';

-- the first columns are those of 0005: a view can only gain columns at its end
CREATE OR REPLACE VIEW ingest_latency AS
SELECT i.venue, i.symbol, c.ts, s.source, c.ts + INTERVAL '1 minute' AS closed_at, c.received_at,
    extract(epoch FROM c.received_at - c.ts - INTERVAL '1 minute')::double precision AS seconds_after_close,
    c.instrument_id, a.venue_at, a.queryable_at,
    extract(epoch FROM a.queryable_at - c.ts - INTERVAL '1 minute')::double precision AS queryable_after_close
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
LEFT JOIN candle_arrivals AS a ON a.instrument_id = c.instrument_id AND a.ts = c.ts
WHERE c.received_at < c.ts + INTERVAL '11 minutes' AND c.ts >= i.tracked_at;
COMMENT ON VIEW ingest_latency IS 'How long after its close each live 1m candle reached us and could be read.';
COMMENT ON COLUMN ingest_latency.venue IS 'Venue.';
COMMENT ON COLUMN ingest_latency.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ingest_latency.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ingest_latency.source IS 'Source it came from.';
COMMENT ON COLUMN ingest_latency.closed_at IS 'When the candle closed.';
COMMENT ON COLUMN ingest_latency.received_at IS 'When it reached us.';
COMMENT ON COLUMN ingest_latency.seconds_after_close IS 'Seconds from its close until it reached us.';
COMMENT ON COLUMN ingest_latency.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN ingest_latency.venue_at IS 'When the venue sent it, by its own clock; null where it does not tell, and for candles that no stream run brought.';
COMMENT ON COLUMN ingest_latency.queryable_at IS 'When it could first be read; null for candles that no stream run brought.';
COMMENT ON COLUMN ingest_latency.queryable_after_close IS 'Seconds from its close until it could first be read.';

CREATE OR REPLACE VIEW stream_differences AS
SELECT i.venue, i.symbol, r.ts, d.field, d.stream, d.batch, d.stream - d.batch AS difference,
    (d.stream - d.batch) / nullif(abs(d.batch), 0) AS relative,
    CASE WHEN streamed.first THEN later.source ELSE earlier.source END AS batch_source,
    CASE WHEN streamed.first THEN r.received_at ELSE n.received_at END AS stream_received_at,
    CASE WHEN streamed.first THEN n.received_at ELSE r.received_at END AS batch_received_at,
    r.revised_at, r.instrument_id
FROM ohlcv_revisions AS r
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    (SELECT 1 AS place, v.open, v.high, v.low, v.close, v.volume, v.quote_volume, v.trades, v.taker_buy_volume,
        v.source_id, v.received_at
    FROM ohlcv_revisions AS v
    WHERE v.instrument_id = r.instrument_id AND v.timeframe_id = r.timeframe_id AND v.ts = r.ts
        AND v.revised_at > r.revised_at
    ORDER BY v.revised_at
    LIMIT 1)
    UNION ALL
    SELECT 2, c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades, c.taker_buy_volume, c.source_id,
        c.received_at
    FROM ohlcv_1m AS c
    WHERE c.instrument_id = r.instrument_id AND c.ts = r.ts
    ORDER BY place
    LIMIT 1
) AS n
JOIN sources AS earlier ON earlier.source_id = r.source_id
JOIN sources AS later ON later.source_id = n.source_id
CROSS JOIN LATERAL (SELECT earlier.source = 'stream' AS first) AS streamed
CROSS JOIN LATERAL (
    SELECT v.field, CASE WHEN streamed.first THEN v.old ELSE v.new END AS stream,
        CASE WHEN streamed.first THEN v.new ELSE v.old END AS batch
    FROM (VALUES
        ('open', r.open, n.open), ('high', r.high, n.high), ('low', r.low, n.low), ('close', r.close, n.close),
        ('volume', r.volume, n.volume), ('quote_volume', r.quote_volume, n.quote_volume),
        ('trades', r.trades, n.trades), ('taker_buy_volume', r.taker_buy_volume, n.taker_buy_volume)
    ) AS v (field, old, new)
) AS d
WHERE r.timeframe_id = 1 AND d.stream <> d.batch
    AND (earlier.source = 'stream' AND later.source IN ('archive', 'rest', 'mirror')
        OR later.source = 'stream' AND earlier.source IN ('archive', 'rest', 'mirror'));
COMMENT ON VIEW stream_differences IS 'Where a 1m candle of a stream and the same one as fetched from the venue disagree, field by field. A value that one of them did not tell is no difference.';
COMMENT ON COLUMN stream_differences.venue IS 'Venue.';
COMMENT ON COLUMN stream_differences.symbol IS 'Unified symbol.';
COMMENT ON COLUMN stream_differences.ts IS 'Open time of the candle.';
COMMENT ON COLUMN stream_differences.field IS 'open, high, low, close, volume, quote_volume, trades or taker_buy_volume.';
COMMENT ON COLUMN stream_differences.stream IS 'What the stream said.';
COMMENT ON COLUMN stream_differences.batch IS 'What was fetched.';
COMMENT ON COLUMN stream_differences.difference IS 'stream - batch.';
COMMENT ON COLUMN stream_differences.relative IS 'difference / batch; null where batch is 0.';
COMMENT ON COLUMN stream_differences.batch_source IS 'archive, rest or mirror.';
COMMENT ON COLUMN stream_differences.stream_received_at IS 'When the stream''s values reached us.';
COMMENT ON COLUMN stream_differences.batch_received_at IS 'When the fetched ones reached us.';
COMMENT ON COLUMN stream_differences.revised_at IS 'When the later of the two replaced the other.';
COMMENT ON COLUMN stream_differences.instrument_id IS 'Key of the instrument, for joins.';

-- days are those the batch has touched, and the last two: each is looked at by itself, over the candles' own key
CREATE OR REPLACE VIEW stream_verification AS
SELECT i.venue, i.symbol, d.day, m.written, m.verified, m.written - m.verified AS unverified, m.differing,
    d.instrument_id
FROM (
    SELECT instrument_id, day FROM ingest_ledger
    UNION
    SELECT instrument_id, (now() AT TIME ZONE 'UTC')::date - ago FROM instruments, generate_series(0, 1) AS ago
    WHERE tracked
) AS d
JOIN instruments AS i USING (instrument_id)
LEFT JOIN ingest_ledger AS l USING (instrument_id, day)
CROSS JOIN LATERAL (
    SELECT d.day::timestamp AT TIME ZONE 'UTC' AS start, (d.day + 1)::timestamp AT TIME ZONE 'UTC' AS until
) AS w
CROSS JOIN LATERAL (
    SELECT count(*) AS written,
        count(*) FILTER (WHERE s.source <> 'stream' OR x.ts IS NOT NULL
            OR (l.fetched_until > c.ts AND l.updated_at > c.received_at)) AS verified,
        count(x.ts) AS differing
    FROM ohlcv_1m AS c
    JOIN sources AS s USING (source_id)
    LEFT JOIN (
        SELECT DISTINCT r.ts
        FROM ohlcv_revisions AS r
        JOIN sources AS o USING (source_id)
        WHERE r.instrument_id = d.instrument_id AND r.timeframe_id = 1 AND r.ts >= w.start AND r.ts < w.until
            AND o.source = 'stream'
    ) AS replaced ON replaced.ts = c.ts
    LEFT JOIN (
        SELECT DISTINCT f.ts
        FROM stream_differences AS f
        WHERE f.instrument_id = d.instrument_id AND f.ts >= w.start AND f.ts < w.until
    ) AS x ON x.ts = c.ts
    WHERE c.instrument_id = d.instrument_id AND c.ts >= w.start AND c.ts < w.until
        AND (s.source = 'stream' OR replaced.ts IS NOT NULL)
) AS m
WHERE m.written > 0;
COMMENT ON VIEW stream_verification IS 'Per instrument and UTC day: candles that a stream wrote, and how many of these the batch has since fetched too. Ask for some days.';
COMMENT ON COLUMN stream_verification.venue IS 'Venue.';
COMMENT ON COLUMN stream_verification.symbol IS 'Unified symbol.';
COMMENT ON COLUMN stream_verification.day IS 'UTC day.';
COMMENT ON COLUMN stream_verification.written IS '1m candles of the day that a stream wrote.';
COMMENT ON COLUMN stream_verification.verified IS 'Of these, those that were fetched as well, later, alike or not.';
COMMENT ON COLUMN stream_verification.unverified IS 'Of these, those that were not fetched yet.';
COMMENT ON COLUMN stream_verification.differing IS 'Of these, those for which the fetch said something else (stream_differences).';
COMMENT ON COLUMN stream_verification.instrument_id IS 'Key of the instrument, for joins.';
