-- Every import is remembered, with what it wrote and from which files, so that it can be listed and undone; and names
-- that would deceive an eye, a terminal or a shell are refused wherever one is made.

CREATE TABLE IF NOT EXISTS imports (
    import_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command text NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    timeframe text NOT NULL,
    files jsonb NOT NULL DEFAULT '[]',
    rows bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed', 'undone')),
    error text,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    undone_at timestamptz,
    removed bigint,
    restored bigint,
    kept bigint
);
COMMENT ON TABLE imports IS 'Imports of files: what was read, what it changed, whether it was undone. `alphapulse import list`.';
COMMENT ON COLUMN imports.import_id IS 'Key: `alphapulse import undo` takes it.';
COMMENT ON COLUMN imports.command IS 'The command that imported.';
COMMENT ON COLUMN imports.venue IS 'Venue the files were imported for.';
COMMENT ON COLUMN imports.symbol IS 'Unified symbol they were imported for.';
COMMENT ON COLUMN imports.timeframe IS 'Length of their bars.';
COMMENT ON COLUMN imports.files IS 'The files: path, sha256, bytes, format, counts, first and end.';
COMMENT ON COLUMN imports.rows IS 'Data rows that were read.';
COMMENT ON COLUMN imports.inserted IS 'Candles that were new.';
COMMENT ON COLUMN imports.changed IS 'Candles that replaced others (ohlcv_revisions has those).';
COMMENT ON COLUMN imports.unchanged IS 'Candles that were there already, just so.';
COMMENT ON COLUMN imports.quarantined IS 'Rows that broke a hard rule.';
COMMENT ON COLUMN imports.status IS 'running (unfinished, where nobody holds its lock any more), done, failed: see error, or undone.';
COMMENT ON COLUMN imports.error IS 'Why it ended early or was called a failure.';
COMMENT ON COLUMN imports.started_at IS 'When it began; gaps that were seen first in it have the same time.';
COMMENT ON COLUMN imports.finished_at IS 'When it ended; null for one that was cut short.';
COMMENT ON COLUMN imports.undone_at IS 'When it was undone.';
COMMENT ON COLUMN imports.removed IS 'Candles that the undoing removed: this import had brought them.';
COMMENT ON COLUMN imports.restored IS 'Candles that the undoing put back as they had been.';
COMMENT ON COLUMN imports.kept IS 'Candles that something newer had changed since: the undoing left them.';

CREATE TABLE IF NOT EXISTS import_chunks (
    import_id integer NOT NULL REFERENCES imports (import_id),
    received_at timestamptz NOT NULL,
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    first_ts timestamptz NOT NULL,
    last_ts timestamptz NOT NULL,
    inserted bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (import_id, received_at)
);
COMMENT ON TABLE import_chunks IS 'What an import wrote, transaction by transaction: candles with this received_at are its own.';
COMMENT ON COLUMN import_chunks.import_id IS 'Import (imports).';
COMMENT ON COLUMN import_chunks.received_at IS 'received_at of the candles written.';
COMMENT ON COLUMN import_chunks.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN import_chunks.timeframe_id IS 'Length of the bars (timeframes); 1 are minutes, others native bars.';
COMMENT ON COLUMN import_chunks.first_ts IS 'Open time of the first candle.';
COMMENT ON COLUMN import_chunks.last_ts IS 'Open time of the last candle.';
COMMENT ON COLUMN import_chunks.inserted IS 'Candles that were new.';
COMMENT ON COLUMN import_chunks.changed IS 'Candles that replaced others.';
CREATE INDEX IF NOT EXISTS import_chunks_instrument ON import_chunks (instrument_id, timeframe_id);

-- Nothing that a terminal obeys, that hides or turns text round, or that quotes: alphapulse_resources/names.py has the
-- same rule and better words.
CREATE OR REPLACE FUNCTION check_name(p_what text, p_name text, p_longest integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_name IS NULL OR p_name = '' THEN
        RAISE EXCEPTION 'the % is empty', p_what USING ERRCODE = 'invalid_parameter_value';
    ELSIF length(p_name) > p_longest THEN
        RAISE EXCEPTION 'the % "%..." has % characters; % is the most', p_what, left(p_name, 20), length(p_name), p_longest
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_name ~ E'[\\s"''`\\\\;<>\\u0001-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f]' THEN
        RAISE EXCEPTION 'the % % has a blank, a quote or a character that cannot be seen in it', p_what, quote_literal(
            regexp_replace(p_name, E'[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f]', '?', 'g'))
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;
COMMENT ON FUNCTION check_name(text, text, integer) IS
    'Refuse a name that is empty, too long, or holds blanks, quotes or characters that cannot be seen.';

CREATE OR REPLACE FUNCTION register_instrument(p_venue text, p_symbol text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    pair text := split_part(p_symbol, ':', 1);
    settlement text := nullif(split_part(p_symbol, ':', 2), '');
    meant text;
    id integer;
BEGIN
    SELECT instrument_id INTO id FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    IF FOUND THEN
        RETURN id;
    END IF;
    PERFORM check_name('venue', p_venue, 64);
    PERFORM check_name('symbol', p_symbol, 64);
    IF p_symbol !~ '^[^/:\s]+/[^/:\s]+(:[^/:\s]+)?$' THEN
        RAISE EXCEPTION 'symbol "%" is not in the form BASE/QUOTE or BASE/QUOTE:SETTLE, for example BTC/USDT', p_symbol
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- the same name in other letters is no other venue
    SELECT venue INTO meant FROM venues WHERE lower(venue) = lower(p_venue) AND venue <> p_venue
        AND NOT EXISTS (SELECT FROM venues AS v WHERE v.venue = p_venue);
    IF FOUND THEN
        RAISE EXCEPTION 'venue "%" is known as "%"', p_venue, meant USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO venues (venue, description) VALUES (p_venue, 'known from imported files')
    ON CONFLICT (venue) DO NOTHING;
    INSERT INTO instruments (venue, symbol, kind, base, quote, settle)
    VALUES (
        p_venue, p_symbol,
        CASE WHEN settlement IS NULL THEN 'spot' WHEN settlement LIKE '%-%' THEN 'future' ELSE 'perpetual' END,
        split_part(pair, '/', 1), split_part(pair, '/', 2), settlement
    )
    ON CONFLICT (venue, symbol) DO NOTHING;
    SELECT instrument_id INTO STRICT id FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    RETURN id;
END $$;
