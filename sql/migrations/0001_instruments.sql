-- What is tracked: venues, timeframes, sources and the instruments dimension.
-- Facts carry instrument_id, timeframe_id and source_id; analysts see names through the views.

CREATE TABLE IF NOT EXISTS venues (
    venue text PRIMARY KEY,
    fetched boolean NOT NULL DEFAULT false,
    description text NOT NULL DEFAULT ''
);
COMMENT ON TABLE venues IS 'Places candles come from. A venue that is only imported from files is here too.';
COMMENT ON COLUMN venues.venue IS 'Name of the venue: the ccxt identifier where there is one.';
COMMENT ON COLUMN venues.fetched IS 'True when AlphaPulse has a client for it; false when it is known from files only.';
COMMENT ON COLUMN venues.description IS 'What the venue is, in words.';
INSERT INTO venues (venue, fetched, description) VALUES
    ('binance', true, 'Binance spot'),
    ('binanceusdm', true, 'Binance USD-M futures'),
    ('bybit', true, 'Bybit v5, spot and linear'),
    ('coinbase', true, 'Coinbase Advanced Trade')
ON CONFLICT (venue) DO NOTHING;

CREATE TABLE IF NOT EXISTS timeframes (
    timeframe_id smallint PRIMARY KEY,
    timeframe text NOT NULL UNIQUE,
    length interval NOT NULL,
    minutes integer NOT NULL,
    finer text REFERENCES timeframes (timeframe)
);
COMMENT ON TABLE timeframes IS 'Lengths of bars. Weeks start on Monday, everything is UTC.';
COMMENT ON COLUMN timeframes.timeframe_id IS 'Key used by facts.';
COMMENT ON COLUMN timeframes.timeframe IS 'Name: 1m, 5m, 1h, 1d, 1w ...';
COMMENT ON COLUMN timeframes.length IS 'Length of one bar, in hours at most: a "day" would be 23 or 25 hours where a session''s time zone changes its clocks.';
COMMENT ON COLUMN timeframes.minutes IS 'Length of one bar in minutes: the number of 1m candles in a complete one.';
COMMENT ON COLUMN timeframes.finer IS 'The timeframe this one is aggregated from; null for 1m and for timeframes kept only as native bars.';
INSERT INTO timeframes (timeframe_id, timeframe, length, minutes, finer) VALUES
    (1, '1m', '1 minute', 1, NULL),
    (3, '3m', '3 minutes', 3, NULL),
    (5, '5m', '5 minutes', 5, '1m'),
    (15, '15m', '15 minutes', 15, '5m'),
    (30, '30m', '30 minutes', 30, NULL),
    (60, '1h', '1 hour', 60, '15m'),
    (120, '2h', '2 hours', 120, NULL),
    (240, '4h', '4 hours', 240, '1h'),
    (360, '6h', '6 hours', 360, NULL),
    (480, '8h', '8 hours', 480, NULL),
    (720, '12h', '12 hours', 720, NULL),
    (1440, '1d', '24 hours', 1440, '4h'),
    (4320, '3d', '72 hours', 4320, NULL),
    (10080, '1w', '168 hours', 10080, '1d')
ON CONFLICT (timeframe_id) DO NOTHING;

CREATE TABLE IF NOT EXISTS sources (
    source_id smallint PRIMARY KEY,
    source text NOT NULL UNIQUE,
    description text NOT NULL
);
COMMENT ON TABLE sources IS 'The ways a row can reach us.';
COMMENT ON COLUMN sources.source_id IS 'Key used by facts.';
COMMENT ON COLUMN sources.source IS 'Name: archive, rest, mirror, stream, import, yahoo.';
COMMENT ON COLUMN sources.description IS 'What it is, in words.';
INSERT INTO sources (source_id, source, description) VALUES
    (1, 'archive', 'Bulk archive of the venue, verified by checksum'),
    (2, 'rest', 'REST interface of the venue'),
    (3, 'mirror', 'Market-data mirror of the venue'),
    (4, 'stream', 'WebSocket stream of the venue'),
    (5, 'import', 'File imported by a user'),
    (6, 'yahoo', 'Yahoo Finance, opt-in last resort')
ON CONFLICT (source_id) DO NOTHING;

CREATE TABLE IF NOT EXISTS instruments (
    instrument_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue text NOT NULL REFERENCES venues (venue),
    symbol text NOT NULL,
    venue_symbol text,
    kind text NOT NULL CHECK (kind IN ('spot', 'perpetual', 'future')),
    base text NOT NULL,
    quote text NOT NULL,
    settle text,
    tick_size double precision,
    lot_size double precision,
    active boolean,
    listed_at timestamptz,
    delisted_at timestamptz,
    successor_id integer REFERENCES instruments (instrument_id),
    tracked boolean NOT NULL DEFAULT false,
    tracked_at timestamptz,
    history_start timestamptz,
    resolved_at timestamptz,
    problem text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (venue, symbol)
);
COMMENT ON TABLE instruments IS 'One row per symbol and venue, tracked now or ever. Untracked and delisted ones keep their history.';
COMMENT ON COLUMN instruments.instrument_id IS 'Key used by all facts.';
COMMENT ON COLUMN instruments.venue IS 'Venue the symbol trades on.';
COMMENT ON COLUMN instruments.symbol IS 'Unified symbol: BTC/USDT spot, BTC/USDT:USDT perpetual.';
COMMENT ON COLUMN instruments.venue_symbol IS 'The venue''s own name: BTCUSDT, BTC-USD. Null until the venue was asked.';
COMMENT ON COLUMN instruments.kind IS 'spot, perpetual or future.';
COMMENT ON COLUMN instruments.base IS 'Currency that is bought; volume is in its units.';
COMMENT ON COLUMN instruments.quote IS 'Currency that prices are in.';
COMMENT ON COLUMN instruments.settle IS 'Currency a contract settles in; null for spot.';
COMMENT ON COLUMN instruments.tick_size IS 'Smallest price step, in quote units.';
COMMENT ON COLUMN instruments.lot_size IS 'Smallest size step, in base units.';
COMMENT ON COLUMN instruments.active IS 'Whether the venue trades it now; null until the venue was asked.';
COMMENT ON COLUMN instruments.listed_at IS 'When trading began, where the venue tells.';
COMMENT ON COLUMN instruments.delisted_at IS 'When trading ended or was first seen to have ended.';
COMMENT ON COLUMN instruments.successor_id IS 'Instrument that continues this one after a rename or migration.';
COMMENT ON COLUMN instruments.tracked IS 'Whether the pipeline keeps it up to date.';
COMMENT ON COLUMN instruments.tracked_at IS 'When tracking was last switched on or off.';
COMMENT ON COLUMN instruments.history_start IS 'How far back the pipeline keeps its history complete.';
COMMENT ON COLUMN instruments.resolved_at IS 'When the venue last confirmed what it is.';
COMMENT ON COLUMN instruments.problem IS 'Why it cannot be fetched, if so: what the venue said.';
COMMENT ON COLUMN instruments.created_at IS 'When the row was made.';

-- Register a symbol without tracking it (imports do); an unknown venue becomes one that is known from files.
CREATE OR REPLACE FUNCTION register_instrument(p_venue text, p_symbol text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    pair text := split_part(p_symbol, ':', 1);
    settlement text := nullif(split_part(p_symbol, ':', 2), '');
    id integer;
BEGIN
    IF p_symbol !~ '^[^/:\s]+/[^/:\s]+(:[^/:\s]+)?$' THEN
        RAISE EXCEPTION 'symbol "%" is not in the form BASE/QUOTE or BASE/QUOTE:SETTLE, for example BTC/USDT', p_symbol
            USING ERRCODE = 'invalid_parameter_value';
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
COMMENT ON FUNCTION register_instrument(text, text) IS
    'Make an instrument known without tracking it; returns its instrument_id.';

-- Track a symbol from now on. The instruments asset asks the venue for its details, the history sensor
-- fills its past; nothing has to be restarted.
CREATE OR REPLACE FUNCTION track_symbol(p_venue text, p_symbol text, p_history interval DEFAULT '30 days')
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    id integer;
BEGIN
    IF NOT EXISTS (SELECT FROM venues WHERE venue = p_venue AND fetched) THEN
        RAISE EXCEPTION 'there is no client for venue "%": use one of %', p_venue,
            (SELECT string_agg(venue, ', ' ORDER BY venue) FROM venues WHERE fetched)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    id := register_instrument(p_venue, p_symbol);
    UPDATE instruments
    SET tracked = true,
        tracked_at = CASE WHEN tracked THEN tracked_at ELSE now() END,
        history_start = least(history_start, date_trunc('day', now() - p_history, 'UTC')),
        problem = NULL
    WHERE instrument_id = id;
    PERFORM pg_notify('instruments', id::text);
    RETURN id;
END $$;
COMMENT ON FUNCTION track_symbol(text, text, interval) IS
    'Track a symbol, with this much history; returns its instrument_id. Also: alphapulse symbols add.';

CREATE OR REPLACE FUNCTION untrack_symbol(p_venue text, p_symbol text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    id integer;
BEGIN
    UPDATE instruments SET tracked = false, tracked_at = now()
    WHERE venue = p_venue AND symbol = p_symbol AND tracked
    RETURNING instrument_id INTO id;
    IF id IS NULL THEN
        RAISE EXCEPTION '% % is not tracked', p_venue, p_symbol USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_notify('instruments', id::text);
    RETURN id;
END $$;
COMMENT ON FUNCTION untrack_symbol(text, text) IS
    'Stop tracking a symbol; its history stays. Also: alphapulse symbols remove.';

CREATE OR REPLACE FUNCTION rename_symbol(p_venue text, p_symbol text, p_successor text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    successor integer := register_instrument(p_venue, p_successor);
BEGIN
    UPDATE instruments SET successor_id = successor WHERE venue = p_venue AND symbol = p_symbol;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% % is not known', p_venue, p_symbol USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN successor;
END $$;
COMMENT ON FUNCTION rename_symbol(text, text, text) IS
    'Record that a symbol goes on under another name; both keep their own history.';
