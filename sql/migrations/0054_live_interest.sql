-- What somebody watches now: workers tell the states of these books, and of no others.

-- Nothing of it is worth a log: what is lost in a crash is asked for again within seconds.
CREATE UNLOGGED TABLE IF NOT EXISTS live_interest (
    topic text PRIMARY KEY,
    expires timestamptz NOT NULL
);
COMMENT ON TABLE live_interest IS 'What somebody watches now, written by each API process while it has such subscribers; stream workers read it each second. Not logged: empty after a crash.';
COMMENT ON COLUMN live_interest.topic IS 'book:<instrument_id>: the states of that book are wanted.';
COMMENT ON COLUMN live_interest.expires IS 'When it counts as not wanted any more (UTC) unless it is renewed.';
