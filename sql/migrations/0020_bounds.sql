-- No candle beyond all bounds is stored, whoever writes it; and a day that a timeframe cannot be built from stops
-- neither the other days nor the other instruments.

CREATE TABLE IF NOT EXISTS refresh_failures (
    timeframe text NOT NULL REFERENCES timeframes (timeframe),
    instrument_id integer NOT NULL,
    day date NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    seq bigint NOT NULL DEFAULT 0,
    failed_at timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz,
    resolved_at timestamptz,
    PRIMARY KEY (timeframe, instrument_id, day)
);
COMMENT ON TABLE refresh_failures IS 'Days whose bars could not be built from their candles. The other days and instruments were refreshed all the same.';
COMMENT ON COLUMN refresh_failures.timeframe IS 'Timeframe that was refreshed; 1m where the candles themselves were out of bounds.';
COMMENT ON COLUMN refresh_failures.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN refresh_failures.day IS 'UTC day.';
COMMENT ON COLUMN refresh_failures.error IS 'What the last refresh of the day said.';
COMMENT ON COLUMN refresh_failures.attempts IS 'Refreshes that failed in a row.';
COMMENT ON COLUMN refresh_failures.seq IS 'The mark (ohlcv_dirty.seq) that failed: candles that change later are tried at once.';
COMMENT ON COLUMN refresh_failures.failed_at IS 'When it last failed.';
COMMENT ON COLUMN refresh_failures.next_attempt_at IS 'Until when the day is left alone unless its candles change; null when it is resolved.';
COMMENT ON COLUMN refresh_failures.resolved_at IS 'When the day could be refreshed after all; null while it cannot.';

CREATE OR REPLACE FUNCTION note_refresh_failure(
    p_timeframe text, p_instrument_id integer, p_day date, p_seq bigint, p_error text
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO refresh_failures AS f (timeframe, instrument_id, day, seq, error, next_attempt_at)
    VALUES (p_timeframe, p_instrument_id, p_day, p_seq, p_error, now() + INTERVAL '5 minutes')
    ON CONFLICT (timeframe, instrument_id, day) DO UPDATE SET
        error = excluded.error, seq = excluded.seq, failed_at = now(), resolved_at = NULL,
        attempts = CASE WHEN f.resolved_at IS NULL THEN f.attempts + 1 ELSE 1 END,
        next_attempt_at = now() + CASE WHEN f.resolved_at IS NULL
            THEN least(INTERVAL '1 day', INTERVAL '5 minutes' * power(2, least(f.attempts, 20)))
            ELSE INTERVAL '5 minutes' END
$$;
COMMENT ON FUNCTION note_refresh_failure(text, integer, date, bigint, text) IS
    'Note that a day could not be refreshed and when to try again: after 5 minutes, doubled up to a day.';

-- The reasons are those of alphapulse_assets/candles/validation.py, its bounds too: a test holds one against the other.
CREATE OR REPLACE FUNCTION out_of_bounds(
    p_open double precision, p_high double precision, p_low double precision, p_close double precision,
    p_volume double precision, p_quote_volume double precision, p_trades bigint, p_taker_buy_volume double precision
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN greatest(p_open, p_high, p_low, p_close) > 1e15 OR least(p_open, p_high, p_low, p_close) < 1e-18
            THEN 'absurd_price' END,
        CASE WHEN greatest(p_volume, p_taker_buy_volume) > 1e21 OR least(p_volume, p_taker_buy_volume) < -1e21
            THEN 'absurd_volume' END,
        CASE WHEN abs(p_quote_volume) > 1e21 THEN 'absurd_quote_volume' END,
        CASE WHEN p_trades > 1000000000 OR p_trades < -1000000000 THEN 'absurd_trades' END
    ], NULL)
$$;
COMMENT ON FUNCTION out_of_bounds(double precision, double precision, double precision, double precision,
    double precision, double precision, bigint, double precision) IS
    'Reasons why no market can have made this candle; empty for one that may be true.';

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
        ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(ts, '-infinity'), digest)
        DO UPDATE SET last_seen = now(), seen = q.seen + 1;
        DELETE FROM ohlcv_1m WHERE instrument_id = c.instrument_id AND ts = c.ts;
        PERFORM mark_ohlcv_dirty(ARRAY[c.instrument_id], ARRAY[(c.ts AT TIME ZONE 'UTC')::date]);
        INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, reason, next_attempt_at)
        SELECT i.instrument_id, c.ts, c.ts + INTERVAL '1 minute', 'detected', now(),
            'its candle was out of bounds and is in quarantine', now() + INTERVAL '5 minutes'
        FROM instruments AS i
        WHERE i.instrument_id = c.instrument_id AND NOT EXISTS (
            SELECT FROM gap_ledger AS g
            WHERE g.instrument_id = c.instrument_id AND g.gap_start < c.ts + INTERVAL '1 minute' AND g.gap_end > c.ts);
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
COMMENT ON FUNCTION quarantine_out_of_bounds() IS
    'Move 1m candles beyond all bounds to quarantine, where no sum meets them; returns how many there were.';

DO $move$ BEGIN PERFORM quarantine_out_of_bounds(); END $move$;
WITH absurd AS (
    DELETE FROM ohlcv_native AS o
    WHERE out_of_bounds(open, high, low, close, volume, quote_volume, trades, taker_buy_volume) <> '{}'
    RETURNING to_jsonb(o) AS payload, instrument_id, ts, source_id,
        out_of_bounds(open, high, low, close, volume, quote_volume, trades, taker_buy_volume) AS reasons
)
INSERT INTO quarantine AS q (dataset, instrument_id, ts, reasons, payload, source_id)
SELECT 'ohlcv_native', i.instrument_id, a.ts, a.reasons, a.payload, a.source_id
FROM absurd AS a
LEFT JOIN instruments AS i USING (instrument_id)
ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(ts, '-infinity'), digest)
DO UPDATE SET last_seen = now(), seen = q.seen + 1;

-- Sums of what is within these bounds fit their types however long the bar is, so that no reader of any symbol meets
-- an overflow. Plain comparisons: a function would cost a tenth of every load.
DO $bounds$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ohlcv_1m', 'ohlcv_native'] LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_constraint WHERE conname = name || '_within_bounds' AND conrelid = name::regclass);
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I CHECK (
                open <= 1e15 AND high <= 1e15 AND low <= 1e15 AND close <= 1e15
                AND open >= 1e-18 AND high >= 1e-18 AND low >= 1e-18 AND close >= 1e-18
                AND volume <= 1e21 AND quote_volume <= 1e21 AND taker_buy_volume <= 1e21 AND trades <= 1000000000
                AND volume >= -1e21 AND quote_volume >= -1e21 AND taker_buy_volume >= -1e21 AND trades >= -1000000000)',
            name, name || '_within_bounds');
    END LOOP;
END $bounds$;

CREATE OR REPLACE FUNCTION is_refresh_held(d ohlcv_dirty) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM refresh_failures AS f
        WHERE f.timeframe = d.timeframe AND f.instrument_id = d.instrument_id AND f.day = d.day AND f.seq = d.seq
            AND f.next_attempt_at > now())
$$;
COMMENT ON FUNCTION is_refresh_held(ohlcv_dirty) IS
    'Whether a dirty day failed lately with just these candles, so that it is left alone for a while.';

-- As in 0004, but that days which failed lately are left alone, and, without TimescaleDB, that those which fail now
-- stop no others. TimescaleDB refreshes all instruments of a stretch together; what could fail there, a sum beyond its
-- type, the bounds rule out.
DO $procedures$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        EXECUTE replace($create$
CREATE OR REPLACE PROCEDURE refresh_ohlcv(
    p_timeframe text, p_from timestamptz DEFAULT NULL, p_to timestamptz DEFAULT NULL,
    p_instrument_ids integer[] DEFAULT NULL
) LANGUAGE plpgsql AS $body$
DECLARE
    t timeframes;
    taken bigint[];
    windows tstzmultirange;
    stretch tstzrange;
    -- the bar that is forming stays with the real-time part: materialising it would freeze it
    closed_end timestamptz;
BEGIN
    SELECT * INTO STRICT t FROM timeframes WHERE timeframe = p_timeframe AND finer IS NOT NULL;
    closed_end := bar_start(t.length, now());
    SELECT array_agg(d.seq) FILTER (WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us')
            + t.length <= closed_end AND NOT EXISTS (
                SELECT FROM ohlcv_dirty AS f
                WHERE f.timeframe = t.finer AND f.instrument_id = d.instrument_id AND f.day = d.day)),
        range_agg(tstzrange(
            bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC'),
            least(closed_end, bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us') + t.length)))
            FILTER (WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC') < closed_end)
    INTO taken, windows
    FROM ohlcv_dirty AS d WHERE d.timeframe = p_timeframe AND NOT is_refresh_held(d);
    windows := coalesce(windows, '{}');
    IF p_from < p_to AND bar_start(t.length, p_from) < closed_end THEN
        windows := windows + tstzmultirange(tstzrange(
            bar_start(t.length, p_from),
            least(closed_end, bar_start(t.length, p_to - INTERVAL '1 us') + t.length)));
    END IF;
    FOR stretch IN SELECT unnest(windows) LOOP
        CALL refresh_continuous_aggregate(('ohlcv_' || p_timeframe)::regclass, lower(stretch), upper(stretch){options});
    END LOOP;
    DELETE FROM ohlcv_dirty WHERE timeframe = p_timeframe AND seq = ANY (taken);
END $body$;
        $create$, '{options}', CASE WHEN EXISTS (
            SELECT FROM pg_proc WHERE proname = 'refresh_continuous_aggregate' AND 'options' = ANY (proargnames)
        ) THEN ', options => ''{"buckets_per_batch": 0}''' ELSE '' END);
    ELSE
        EXECUTE $create$
-- The bars of refresh_stretches; null, or what the server said against them: then nothing of it was kept.
CREATE OR REPLACE FUNCTION refresh_stretches_of(t timeframes) RETURNS text
LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format(
        'WITH fresh AS MATERIALIZED (
            SELECT r.instrument_id, b.*
            FROM refresh_stretches AS r
            CROSS JOIN LATERAL (
                SELECT bar_start($1, ts) AS ts,
                    (array_agg(open ORDER BY s.ts))[1] AS open, max(high) AS high, min(low) AS low,
                    (array_agg(close ORDER BY s.ts))[count(*)] AS close,
                    sum(volume) AS volume,
                    CASE WHEN count(quote_volume) = count(*) THEN sum(quote_volume) END AS quote_volume,
                    CASE WHEN count(trades) = count(*) THEN sum(trades)::bigint END AS trades,
                    CASE WHEN count(taker_buy_volume) = count(*) THEN sum(taker_buy_volume) END AS taker_buy_volume,
                    %3$s AS bars, max(received_at) AS received_at
                FROM %2$I AS s
                WHERE s.instrument_id = r.instrument_id AND s.ts >= r.lo AND s.ts < r.hi
                GROUP BY bar_start($1, s.ts)
            ) AS b
        ), vanished AS (
            -- a bar whose candles are all gone (a correction can move rows to quarantine) goes too
            DELETE FROM %1$I AS b USING refresh_stretches AS r
            WHERE b.instrument_id = r.instrument_id AND b.ts >= r.lo AND b.ts < r.hi
                AND NOT EXISTS (SELECT FROM fresh AS f WHERE f.instrument_id = b.instrument_id AND f.ts = b.ts)
        )
        INSERT INTO %1$I AS old (instrument_id, ts, open, high, low, close, volume, quote_volume, trades,
            taker_buy_volume, bars, received_at)
        SELECT * FROM fresh ORDER BY instrument_id, ts
        ON CONFLICT (instrument_id, ts) DO UPDATE SET
            open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            volume = excluded.volume, quote_volume = excluded.quote_volume, trades = excluded.trades,
            taker_buy_volume = excluded.taker_buy_volume, bars = excluded.bars, received_at = excluded.received_at
        WHERE (old.open, old.high, old.low, old.close, old.volume, old.quote_volume, old.trades,
                old.taker_buy_volume, old.bars)
            IS DISTINCT FROM
            (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.quote_volume,
                excluded.trades, excluded.taker_buy_volume, excluded.bars)',
        'ohlcv_' || t.timeframe, 'ohlcv_' || t.finer,
        CASE t.finer WHEN '1m' THEN 'count(*)' ELSE 'sum(bars)::bigint' END)
    USING t.length;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- a full disk, a lost server, a deadlock are nobody's candles: those end the refresh, which is tried again
    IF left(SQLSTATE, 2) IN ('40', '53', '54', '55', '57', '58', 'XX') THEN
        RAISE;
    END IF;
    RETURN SQLERRM;
END $body$;
        $create$;
        EXECUTE $create$
CREATE OR REPLACE FUNCTION refresh_each_stretch(t timeframes, p_taken bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $body$
DECLARE
    stretch record;
    failed bigint[] := '{}';
BEGIN
    CREATE TEMPORARY TABLE IF NOT EXISTS refresh_wanted (instrument_id integer, lo timestamptz, hi timestamptz)
        ON COMMIT DELETE ROWS;
    TRUNCATE refresh_wanted;
    INSERT INTO refresh_wanted SELECT * FROM refresh_stretches;
    FOR stretch IN SELECT DISTINCT instrument_id FROM refresh_wanted ORDER BY 1 LOOP
        TRUNCATE refresh_stretches;
        INSERT INTO refresh_stretches SELECT * FROM refresh_wanted AS w WHERE w.instrument_id = stretch.instrument_id;
        IF refresh_stretches_of(t) IS NOT NULL THEN
            failed := failed || refresh_each_day(t, p_taken, stretch.instrument_id);
        END IF;
    END LOOP;
    RETURN failed;
END $body$;
        $create$;
        EXECUTE $create$
CREATE OR REPLACE FUNCTION refresh_each_day(t timeframes, p_taken bigint[], p_instrument_id integer) RETURNS bigint[]
LANGUAGE plpgsql AS $body$
DECLARE
    stretch record;
    said text;
    noted bigint[];
    failed bigint[] := '{}';
BEGIN
    FOR stretch IN
        SELECT DISTINCT bar_start(t.length, m) AS lo,
            bar_start(t.length, m + INTERVAL '24 hours - 1 us') + t.length AS hi
        FROM refresh_wanted AS w
        CROSS JOIN LATERAL generate_series(
            date_trunc('day', w.lo, 'UTC'), w.hi - INTERVAL '1 us', INTERVAL '24 hours') AS m
        WHERE w.instrument_id = p_instrument_id
        ORDER BY 1
    LOOP
        TRUNCATE refresh_stretches;
        INSERT INTO refresh_stretches VALUES (p_instrument_id, stretch.lo, stretch.hi);
        said := refresh_stretches_of(t);
        CONTINUE WHEN said IS NULL;
        SELECT array_agg(d.seq), count(note_refresh_failure(t.timeframe, p_instrument_id, d.day, d.seq, said))
        INTO noted
        FROM ohlcv_dirty AS d
        WHERE d.timeframe = t.timeframe AND d.instrument_id = p_instrument_id AND d.seq = ANY (p_taken)
            AND d.day::timestamp AT TIME ZONE 'UTC' >= stretch.lo AND d.day::timestamp AT TIME ZONE 'UTC' < stretch.hi;
        IF noted IS NULL THEN  -- a window that was asked for
            PERFORM note_refresh_failure(
                t.timeframe, p_instrument_id, (stretch.lo AT TIME ZONE 'UTC')::date, 0, said);
        END IF;
        failed := failed || coalesce(noted, '{}');
    END LOOP;
    RETURN failed;
END $body$;
        $create$;
        EXECUTE $create$
CREATE OR REPLACE PROCEDURE refresh_ohlcv(
    p_timeframe text, p_from timestamptz DEFAULT NULL, p_to timestamptz DEFAULT NULL,
    p_instrument_ids integer[] DEFAULT NULL
) LANGUAGE plpgsql AS $body$
DECLARE
    t timeframes;
    taken bigint[];
    failed bigint[] := '{}';
BEGIN
    SELECT * INTO STRICT t FROM timeframes WHERE timeframe = p_timeframe AND finer IS NOT NULL;
    PERFORM pg_advisory_xact_lock(hashtext('refresh_ohlcv'), t.timeframe_id);
    CREATE TEMPORARY TABLE IF NOT EXISTS refresh_stretches (instrument_id integer, lo timestamptz, hi timestamptz)
        ON COMMIT DELETE ROWS;
    TRUNCATE refresh_stretches;
    SELECT array_agg(d.seq) INTO taken
    FROM ohlcv_dirty AS d
    WHERE d.timeframe = p_timeframe AND NOT is_refresh_held(d) AND NOT EXISTS (
        SELECT FROM ohlcv_dirty AS f
        WHERE f.timeframe = t.finer AND f.instrument_id = d.instrument_id AND f.day = d.day);
    -- dirty days that follow each other are one stretch
    INSERT INTO refresh_stretches
    SELECT instrument_id, lower(r), upper(r)
    FROM (
        SELECT instrument_id, unnest(range_agg(tstzrange(lo, hi))) AS r
        FROM (
            SELECT instrument_id,
                bar_start(t.length, day::timestamp AT TIME ZONE 'UTC') AS lo,
                bar_start(t.length, day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us') + t.length AS hi
            FROM ohlcv_dirty WHERE seq = ANY (taken) AND timeframe = p_timeframe
            UNION
            SELECT instrument_id, bar_start(t.length, p_from), bar_start(t.length, p_to - INTERVAL '1 us') + t.length
            FROM instruments
            WHERE p_from < p_to AND (p_instrument_ids IS NULL OR instrument_id = ANY (p_instrument_ids))
        ) AS days
        GROUP BY instrument_id
    ) AS merged;
    -- all at once; and where that fails one instrument after the other, then day by day, so that one stops nobody else
    IF refresh_stretches_of(t) IS NOT NULL THEN
        PERFORM quarantine_out_of_bounds();
        failed := refresh_each_stretch(t, taken);
    END IF;
    UPDATE refresh_failures AS f SET resolved_at = now(), next_attempt_at = NULL
    FROM ohlcv_dirty AS d
    WHERE d.timeframe = p_timeframe AND d.seq = ANY (taken) AND NOT d.seq = ANY (failed) AND f.resolved_at IS NULL
        AND (f.timeframe, f.instrument_id, f.day) = (d.timeframe, d.instrument_id, d.day);
    DELETE FROM ohlcv_dirty WHERE timeframe = p_timeframe AND seq = ANY (taken) AND NOT seq = ANY (failed);
END $body$;
        $create$;
        COMMENT ON FUNCTION refresh_stretches_of(timeframes) IS
            'Build the bars of refresh_stretches; null, or why that failed: then nothing of it was kept.';
        COMMENT ON FUNCTION refresh_each_stretch(timeframes, bigint[]) IS
            'As refresh_stretches_of, one instrument after the other; returns the marks of the days that failed.';
        COMMENT ON FUNCTION refresh_each_day(timeframes, bigint[], integer) IS
            'As refresh_each_stretch, for an instrument day by day; the days that fail are in refresh_failures.';
    END IF;
END $procedures$;
