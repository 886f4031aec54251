-- Positions that venues closed by force, what each venue's stream leaves out of them, and when we listened.

CREATE TABLE IF NOT EXISTS liquidations (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    position_side text NOT NULL CHECK (position_side IN ('long', 'short')),
    order_side text NOT NULL CHECK (order_side IN ('buy', 'sell')),
    price double precision NOT NULL CHECK (price > 0),
    size double precision NOT NULL CHECK (size > 0),
    occurrence smallint NOT NULL DEFAULT 0 CHECK (occurrence >= 0),
    average_price double precision,
    filled double precision,
    base_amount double precision,
    notional double precision,
    notional_usd double precision,
    not_converted text,
    status text,
    published_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    run_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, position_side, price, size, occurrence),
    CONSTRAINT liquidations_sides_check CHECK ((position_side = 'long') = (order_side = 'sell'))
);
COMMENT ON TABLE liquidations IS 'Positions closed by force, as venues'' streams tell them. Not all of them: Binance tells one order a second and symbol (liquidation_streams says what each leaves out), and no stream tells what happened while nobody listened (liquidation_coverage). Sums are lower bounds. The view liquidation_orders shows venue and symbol.';
COMMENT ON COLUMN liquidations.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN liquidations.ts IS 'When it was traded, by the venue''s clock.';
COMMENT ON COLUMN liquidations.position_side IS 'Which position was closed: long or short. Longs are closed when price falls.';
COMMENT ON COLUMN liquidations.order_side IS 'Side of the order that closed it: sell closes a long position, buy a short one.';
COMMENT ON COLUMN liquidations.price IS 'Price of that order, in quote units: at Binance its limit, at Bybit the bankruptcy price, at which nothing was left of the margin. Not where it traded: see average_price.';
COMMENT ON COLUMN liquidations.size IS 'How much was to be closed, in the venue''s unit: base units of USD-M and Bybit linear, contracts of COIN-M. At Bybit what was executed.';
COMMENT ON COLUMN liquidations.occurrence IS 'Tells apart those of one time, side, price and size in one message of the venue, from 0: streams number nothing. What is heard twice has the same number, and is one row.';
COMMENT ON COLUMN liquidations.average_price IS 'Average price at which the order was filled, in quote units. Null where the venue does not tell it (Bybit) or nothing was filled.';
COMMENT ON COLUMN liquidations.filled IS 'How much of the size was filled when the venue told of it. Null where it does not tell.';
COMMENT ON COLUMN liquidations.base_amount IS 'The size in base units. Null where it cannot be converted: see not_converted.';
COMMENT ON COLUMN liquidations.notional IS 'What the size was worth in quote units, at average_price, or at price where that is null. Null where it cannot be converted.';
COMMENT ON COLUMN liquidations.notional_usd IS 'The same in USD, by what a quote unit was taken to be worth then (a stablecoin of the dollar: one). Null where that is not known.';
COMMENT ON COLUMN liquidations.not_converted IS 'Why an amount is null: no contract size, no rate in USD. Null where nothing is.';
COMMENT ON COLUMN liquidations.status IS 'Status of the order in the venue''s word (FILLED, PARTIALLY_FILLED ...). Null where it does not tell.';
COMMENT ON COLUMN liquidations.published_at IS 'When the venue told of it, by its own clock: up to a second later than ts.';
COMMENT ON COLUMN liquidations.known_at IS 'When it was known here: when it was first received. Heard again, it keeps that.';
COMMENT ON COLUMN liquidations.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN liquidations.run_id IS 'Run that heard it first (stream_workers).';
COMMENT ON COLUMN liquidations.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS liquidation_listening (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    until_at timestamptz,
    why text NOT NULL,
    run_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, run_id)
);
COMMENT ON TABLE liquidation_listening IS 'Stretches in which a venue had accepted our subscription to the liquidations of an instrument, on a connection that stood. Only within them does silence mean that none was told.';
COMMENT ON COLUMN liquidation_listening.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN liquidation_listening.ts IS 'From when on, by our clock: noticed once a second.';
COMMENT ON COLUMN liquidation_listening.until_at IS 'When its end was noticed: within a second where the connection closed, some ten where it fell silent. Null: it goes on, or its run died; liquidation_coverage knows which.';
COMMENT ON COLUMN liquidation_listening.why IS 'Why it stands, or what ended it.';
COMMENT ON COLUMN liquidation_listening.run_id IS 'Run that listened (stream_workers).';
COMMENT ON COLUMN liquidation_listening.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS liquidation_streams (
    venue text NOT NULL,
    stream text NOT NULL,
    since date NOT NULL,
    complete boolean NOT NULL,
    tells text NOT NULL,
    leaves_out text NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (venue, since)
);
COMMENT ON TABLE liquidation_streams IS 'What the venues'' streams tell of liquidations and what they leave out, by their own documentation.';
COMMENT ON COLUMN liquidation_streams.venue IS 'Venue.';
COMMENT ON COLUMN liquidation_streams.stream IS 'Stream that is listened to.';
COMMENT ON COLUMN liquidation_streams.since IS 'First day from which on that holds, as far as is documented.';
COMMENT ON COLUMN liquidation_streams.complete IS 'Whether the venue says that it tells all of them. If not, sums and counts are lower bounds, and are lowest beside the truth when most is liquidated.';
COMMENT ON COLUMN liquidation_streams.tells IS 'What it tells.';
COMMENT ON COLUMN liquidation_streams.leaves_out IS 'What it leaves out.';
COMMENT ON COLUMN liquidation_streams.source IS 'Where the venue says so.';
INSERT INTO liquidation_streams (venue, stream, since, complete, tells, leaves_out, source) VALUES
    ('binanceusdm', '<symbol>@forceOrder', '2021-04-27', false,
        'The latest order of each 1000 ms, with its limit, average price and status.',
        'All others of the same second; deleveraging (ADL) and what the insurance fund takes over.',
        'USD-M "Liquidation Order Streams", as it read until 2026-04-10'),
    ('binanceusdm', '<symbol>@forceOrder', '2026-04-10', false,
        'The largest order of each 1000 ms, with its limit, average price and status.',
        'All others of the same second; deleveraging (ADL) and what the insurance fund takes over.',
        'USD-M "Liquidation Order Streams"; change log of 2026-04-10: "latest" became "largest"'),
    ('binancecoinm', '<symbol>@forceOrder', '2021-04-27', false,
        'The latest order of each 1000 ms, with its limit, average price and status; sizes are contracts.',
        'All others of the same second; deleveraging (ADL) and what the insurance fund takes over.',
        'COIN-M "Liquidation Order Streams"'),
    ('bybit', 'allLiquidation.<symbol>', '2025-02-14', true,
        'Every liquidation, pushed each 500 ms, with the executed size and the bankruptcy price.',
        'The price at which it was traded. Bybit says that nothing else is left out.',
        'v5 "All Liquidation", whose example is of 2025-02-14; the stream before it told one a second')
ON CONFLICT (venue, since) DO NOTHING;

CALL keep_in_chunks('liquidations', '30 days', 'instrument_id', 'ts', '60 days', '730 days');

DO $retention$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        CREATE INDEX IF NOT EXISTS liquidations_by_time ON liquidations USING brin (ts);
    END IF;
END $retention$;

ALTER TABLE order_book_alerts DROP CONSTRAINT IF EXISTS order_book_alerts_kind_check;
ALTER TABLE order_book_alerts ADD CONSTRAINT order_book_alerts_kind_check
    CHECK (kind IN ('imbalance', 'whale', 'sweep', 'book_stale', 'signal', 'book_lagging', 'trades_silent',
        'candles_silent', 'subscription_refused', 'clock_offset', 'liquidation_cascade'));
COMMENT ON COLUMN order_book_alerts.kind IS 'imbalance, whale, sweep, signal, liquidation_cascade; of streams: book_stale, book_lagging, trades_silent, candles_silent, subscription_refused, clock_offset (filed under one symbol of its venue).';
