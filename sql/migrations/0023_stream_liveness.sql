-- Streams that are dead and look alive: their alerts, and how the venues' clocks stand to ours.

ALTER TABLE order_book_alerts DROP CONSTRAINT IF EXISTS order_book_alerts_kind_check;
ALTER TABLE order_book_alerts ADD CONSTRAINT order_book_alerts_kind_check
    CHECK (kind IN ('imbalance', 'whale', 'sweep', 'book_stale', 'signal', 'book_lagging', 'trades_silent',
        'candles_silent', 'subscription_refused', 'clock_offset'));
COMMENT ON COLUMN order_book_alerts.kind IS 'imbalance, whale, sweep, signal; of streams: book_stale, book_lagging, trades_silent, candles_silent, subscription_refused, clock_offset (filed under one symbol of its venue).';
COMMENT ON COLUMN alerts.kind IS 'imbalance, whale, sweep, signal; of streams: book_stale, book_lagging, trades_silent, candles_silent, subscription_refused, clock_offset (filed under one symbol of its venue).';
COMMENT ON COLUMN order_book_events.state_before IS 'State until then: none, buffering, synced, lagging, stale, broken, resyncing or stopped.';
COMMENT ON COLUMN order_book_events.cause IS 'Why: snapshot, gap, connection_gap, crossed, silent, unheard, late, caught_up, reconnected, continued, requested, refused, trades_silent, candles_silent, failed, started, stopped, worker_lost ...';

CREATE TABLE IF NOT EXISTS venue_clocks (
    shard text NOT NULL,
    venue text NOT NULL,
    ahead_seconds double precision NOT NULL,
    depth_late_seconds double precision,
    refused_times bigint NOT NULL,
    run_id text NOT NULL,
    measured_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shard, venue)
);
COMMENT ON TABLE venue_clocks IS 'How our clock stands to each venue''s, as the stream run of a shard last measured it by the times of messages and of answers over REST.';
COMMENT ON COLUMN venue_clocks.shard IS 'Shard that measured it.';
COMMENT ON COLUMN venue_clocks.venue IS 'Venue.';
COMMENT ON COLUMN venue_clocks.ahead_seconds IS 'Seconds that our clock is ahead of the venue''s, the way of the quickest message included; below 0: behind. Beyond 5 it is an alert (clock_offset).';
COMMENT ON COLUMN venue_clocks.depth_late_seconds IS 'Seconds that depth came later than it could, of the symbol where it was the most; null: none came within a minute.';
COMMENT ON COLUMN venue_clocks.refused_times IS 'Messages of this run whose time could not be: seconds ahead of the venue''s clock, or no time at all.';
COMMENT ON COLUMN venue_clocks.run_id IS 'Run that measured it (stream_workers).';
COMMENT ON COLUMN venue_clocks.measured_at IS 'When, by our clock.';
COMMENT ON COLUMN venue_clocks.created_at IS 'When the row was made.';
