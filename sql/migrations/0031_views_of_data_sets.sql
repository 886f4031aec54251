-- What reads ledgers and gaps of candles reads those of candles only; two views tell of every data set.
SET LOCAL lock_timeout = '30s';

CREATE OR REPLACE VIEW candle_coverage AS
WITH gaps AS (
    SELECT g.instrument_id, (d AT TIME ZONE 'UTC')::date AS day,
        sum(extract(epoch FROM least(gap_end, d + INTERVAL '24 hours') - greatest(gap_start, d)) / 60)
            FILTER (WHERE state = 'venue_had_none') AS venue_had_none
    FROM gap_ledger AS g
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', g.gap_start, 'UTC'), g.gap_end - INTERVAL '1 us', INTERVAL '24 hours') AS d
    WHERE g.dataset = 'ohlcv_1m'
    GROUP BY 1, 2
), days AS (
    SELECT coalesce(b.instrument_id, l.instrument_id) AS instrument_id,
        coalesce((b.ts AT TIME ZONE 'UTC')::date, l.day) AS day,
        coalesce(b.bars, 0) AS present, l.status, l.attempts, l.error, l.updated_at
    FROM ohlcv_1d AS b
    FULL JOIN (SELECT * FROM ingest_ledger WHERE dataset = 'ohlcv_1m') AS l
        ON l.instrument_id = b.instrument_id AND l.day = (b.ts AT TIME ZONE 'UTC')::date
)
SELECT i.venue, i.symbol, c.day, c.expected, c.present, c.expected - c.present AS missing, c.venue_had_none,
    round((c.present / nullif(c.expected, 0)::numeric), 6)::double precision AS coverage,
    round(((c.present + c.venue_had_none) / nullif(c.expected, 0)::numeric), 6)::double precision AS explained,
    c.status, c.attempts, c.error, c.updated_at, i.instrument_id
FROM (
    SELECT d.*, coalesce(g.venue_had_none, 0)::integer AS venue_had_none,
        -- never fewer than there are: a venue may tell a listing that is later than its first candle
        greatest(d.present, extract(epoch FROM
            least(d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours', date_trunc('minute', now()), n.delisted_at)
            - greatest(d.day::timestamp AT TIME ZONE 'UTC', date_trunc('minute', INTERVAL '59.999999 s' + coalesce(
                n.listed_at,
                (SELECT m.ts FROM ohlcv_1m AS m WHERE m.instrument_id = n.instrument_id ORDER BY m.ts LIMIT 1))))
        ) / 60)::integer AS expected
    FROM days AS d
    JOIN instruments AS n USING (instrument_id)
    LEFT JOIN gaps AS g USING (instrument_id, day)
) AS c
JOIN instruments AS i USING (instrument_id);

CREATE OR REPLACE VIEW candle_gaps AS
SELECT i.venue, i.symbol, g.gap_start, g.gap_end,
    (extract(epoch FROM g.gap_end - g.gap_start) / 60)::integer AS minutes,
    g.state, g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id)
WHERE g.dataset = 'ohlcv_1m';

CREATE OR REPLACE VIEW stream_verification AS
SELECT i.venue, i.symbol, d.day, m.written, m.verified, m.written - m.verified AS unverified, m.differing,
    d.instrument_id
FROM (
    SELECT instrument_id, day FROM ingest_ledger WHERE dataset = 'ohlcv_1m'
    UNION
    SELECT instrument_id, (now() AT TIME ZONE 'UTC')::date - ago FROM instruments, generate_series(0, 1) AS ago
    WHERE tracked
) AS d
JOIN instruments AS i USING (instrument_id)
LEFT JOIN ingest_ledger AS l ON l.instrument_id = d.instrument_id AND l.day = d.day AND l.dataset = 'ohlcv_1m'
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

CREATE OR REPLACE FUNCTION quarantine_out_of_bounds() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint := 0;
    c record;
BEGIN
    -- read first, then by key: a condition on values would unpack every compressed chunk
    FOR c IN
        SELECT o.instrument_id, o.ts, to_jsonb(o) AS payload, o.source_id, b.reasons
        FROM ohlcv_1m AS o
        CROSS JOIN LATERAL out_of_bounds(open, high, low, close, volume, quote_volume, trades, taker_buy_volume) AS b (reasons)
        WHERE b.reasons <> '{}'
    LOOP
        INSERT INTO quarantine AS q (dataset, instrument_id, ts, reasons, payload, source_id)
        SELECT 'ohlcv_1m', i.instrument_id, c.ts, c.reasons, c.payload, c.source_id
        FROM (SELECT c.instrument_id) AS wanted
        LEFT JOIN instruments AS i USING (instrument_id)
        ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(provider, ''), coalesce(series, ''),
            coalesce(ts, '-infinity'), digest)
        DO UPDATE SET last_seen = now(), seen = q.seen + 1;
        DELETE FROM ohlcv_1m WHERE instrument_id = c.instrument_id AND ts = c.ts;
        PERFORM mark_ohlcv_dirty(ARRAY[c.instrument_id], ARRAY[(c.ts AT TIME ZONE 'UTC')::date]);
        INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, reason, next_attempt_at)
        SELECT i.instrument_id, c.ts, c.ts + INTERVAL '1 minute', 'detected', now(),
            'its candle was out of bounds and is in quarantine', now() + INTERVAL '5 minutes'
        FROM instruments AS i
        WHERE i.instrument_id = c.instrument_id AND NOT EXISTS (
            SELECT FROM gap_ledger AS g
            WHERE g.instrument_id = c.instrument_id AND g.dataset = 'ohlcv_1m'
                AND g.gap_start < c.ts + INTERVAL '1 minute' AND g.gap_end > c.ts);
        INSERT INTO refresh_failures (timeframe, instrument_id, day, error, failed_at, resolved_at)
        VALUES ('1m', c.instrument_id, (c.ts AT TIME ZONE 'UTC')::date, format(
            'the candle of %s was out of bounds (%s) and is in quarantine',
            to_char(c.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), array_to_string(c.reasons, ', ')), clock_timestamp(), now())
        ON CONFLICT (timeframe, instrument_id, day) DO UPDATE SET
            error = excluded.error, failed_at = excluded.failed_at, resolved_at = now();
        moved := moved + 1;
    END LOOP;
    RETURN moved;
END $$;

CREATE OR REPLACE VIEW fetched_days AS
SELECT l.dataset, i.venue AS provider, i.symbol AS series, l.day, l.status, l.fetched_until, l.rows, l.quarantined,
    l.attempts, l.error_kind, l.error, l.batch, l.run_id, l.updated_at, i.tracked, l.instrument_id
FROM ingest_ledger AS l
JOIN instruments AS i USING (instrument_id)
UNION ALL
SELECT p.dataset, p.provider, p.series, p.day, p.status, p.fetched_until, p.rows, p.quarantined,
    p.attempts, p.error_kind, p.error, p.batch, p.run_id, p.updated_at, true, NULL
FROM provider_ledger AS p;
COMMENT ON VIEW fetched_days IS 'How far fetching has come, of every data set: instruments of venues and series of other providers, by UTC day.';
COMMENT ON COLUMN fetched_days.dataset IS 'Data set that was fetched.';
COMMENT ON COLUMN fetched_days.provider IS 'Venue or other provider asked.';
COMMENT ON COLUMN fetched_days.series IS 'Unified symbol of the instrument, or the provider''s own name of what it was asked for.';
COMMENT ON COLUMN fetched_days.day IS 'UTC day.';
COMMENT ON COLUMN fetched_days.status IS 'fetching: under way; partial: answered so far, the day is not over; complete: the whole day was answered; failed: see error.';
COMMENT ON COLUMN fetched_days.fetched_until IS 'End of the part of the day that sources have answered for, without a hole, from its start.';
COMMENT ON COLUMN fetched_days.rows IS 'Rows of the day that the last fetch brought.';
COMMENT ON COLUMN fetched_days.quarantined IS 'Rows of the day that the last fetch put into quarantine.';
COMMENT ON COLUMN fetched_days.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN fetched_days.error_kind IS 'Kind of the last failure.';
COMMENT ON COLUMN fetched_days.error IS 'What the last failure said.';
COMMENT ON COLUMN fetched_days.batch IS 'Backfill or first run that the last fetch belongs to.';
COMMENT ON COLUMN fetched_days.run_id IS 'Dagster run of the last fetch.';
COMMENT ON COLUMN fetched_days.updated_at IS 'When fetching last touched the day.';
COMMENT ON COLUMN fetched_days.tracked IS 'Whether the pipeline keeps it up to date; true of what has no instrument.';
COMMENT ON COLUMN fetched_days.instrument_id IS 'Key of the instrument, for joins; null where there is none.';

CREATE OR REPLACE VIEW data_gaps AS
SELECT g.dataset, i.venue, i.symbol, g.gap_start, g.gap_end, g.gap_end - g.gap_start AS length,
    g.state, g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW data_gaps IS 'Every stretch that is or was missing of any data set of an instrument, and what became of it; of candles, candle_gaps tells it in minutes.';
COMMENT ON COLUMN data_gaps.dataset IS 'Data set that misses rows.';
COMMENT ON COLUMN data_gaps.venue IS 'Venue.';
COMMENT ON COLUMN data_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN data_gaps.gap_start IS 'First missing time.';
COMMENT ON COLUMN data_gaps.gap_end IS 'First time after the gap.';
COMMENT ON COLUMN data_gaps.length IS 'gap_end - gap_start.';
COMMENT ON COLUMN data_gaps.state IS 'detected, repaired or venue_had_none.';
COMMENT ON COLUMN data_gaps.detected_at IS 'When it was first seen to be missing.';
COMMENT ON COLUMN data_gaps.repaired_at IS 'When its rows came.';
COMMENT ON COLUMN data_gaps.repaired_from IS 'Source the rows came from.';
COMMENT ON COLUMN data_gaps.verified_at IS 'When it was established that the venue had none.';
COMMENT ON COLUMN data_gaps.verifications IS 'Sources that answered without these rows, and when.';
COMMENT ON COLUMN data_gaps.reason IS 'Why it is missing, as far as known.';
COMMENT ON COLUMN data_gaps.attempts IS 'Repairs tried.';
COMMENT ON COLUMN data_gaps.next_attempt_at IS 'When the next repair is due.';
COMMENT ON COLUMN data_gaps.instrument_id IS 'Key of the instrument, for joins.';
