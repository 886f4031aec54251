-- Bars without minutes are computed with too: what longer bars were built from them, how far a venue was asked for them,
-- and rates of success as a data set that changed bars make due.

CREATE TABLE IF NOT EXISTS ohlcv_built (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    quote_volume double precision,
    trades bigint,
    taker_buy_volume double precision,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts)
);
COMMENT ON TABLE ohlcv_built IS 'Longer bars built from native ones (ohlcv_native), whole ones only: where none of their own length is stored and every shorter one is there. Written with the native bars.';
COMMENT ON COLUMN ohlcv_built.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN ohlcv_built.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN ohlcv_built.ts IS 'Open time of the bar (UTC).';
COMMENT ON COLUMN ohlcv_built.open IS 'Open of the first bar, in quote units.';
COMMENT ON COLUMN ohlcv_built.high IS 'Highest price, in quote units.';
COMMENT ON COLUMN ohlcv_built.low IS 'Lowest price, in quote units.';
COMMENT ON COLUMN ohlcv_built.close IS 'Close of the last bar, in quote units.';
COMMENT ON COLUMN ohlcv_built.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv_built.quote_volume IS 'Traded value, in quote units; null unless every part has it.';
COMMENT ON COLUMN ohlcv_built.trades IS 'Number of trades; null unless every part has it.';
COMMENT ON COLUMN ohlcv_built.taker_buy_volume IS 'Size bought by takers, in base units; null unless every part has it.';
COMMENT ON COLUMN ohlcv_built.received_at IS 'When the last of its parts reached us.';

CREATE TABLE IF NOT EXISTS coarse_ledger (
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    timeframe_id smallint NOT NULL REFERENCES timeframes (timeframe_id),
    fetched_from timestamptz,
    fetched_until timestamptz,
    rows bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    error text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id)
);
COMMENT ON TABLE coarse_ledger IS 'How far a venue was asked for its own longer bars (ohlcv_native) of an instrument. Written in the same transaction as the bars.';
COMMENT ON COLUMN coarse_ledger.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN coarse_ledger.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN coarse_ledger.fetched_from IS 'Start of what the venue has answered for (UTC); null before the first answer.';
COMMENT ON COLUMN coarse_ledger.fetched_until IS 'End of what the venue has answered for, without a hole, from fetched_from on (UTC).';
COMMENT ON COLUMN coarse_ledger.rows IS 'Bars that the venue has told in all.';
COMMENT ON COLUMN coarse_ledger.quarantined IS 'Rows that broke a hard rule.';
COMMENT ON COLUMN coarse_ledger.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN coarse_ledger.error IS 'What the last failure said; null after a success.';
COMMENT ON COLUMN coarse_ledger.updated_at IS 'When this row last changed.';

-- native bars that are there already: longer ones of them, and work for what is computed
DO $built$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT b.*, f.timeframe_id AS finer_id, b.minutes / f.minutes AS parts
        FROM timeframes AS b JOIN timeframes AS f ON f.timeframe = b.finer AND f.timeframe <> '1m' ORDER BY b.minutes
    LOOP
        INSERT INTO ohlcv_built
        SELECT c.instrument_id, t.timeframe_id, bar_start(t.length, c.ts), (array_agg(c.open ORDER BY c.ts))[1], max(c.high),
            min(c.low), (array_agg(c.close ORDER BY c.ts DESC))[1], sum(c.volume),
            CASE WHEN count(c.quote_volume) = count(*) THEN sum(c.quote_volume) END,
            CASE WHEN count(c.trades) = count(*) THEN sum(c.trades)::bigint END,
            CASE WHEN count(c.taker_buy_volume) = count(*) THEN sum(c.taker_buy_volume) END, max(c.received_at)
        FROM (
            SELECT instrument_id, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, received_at
            FROM ohlcv_native WHERE timeframe_id = t.finer_id
            UNION ALL
            SELECT instrument_id, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, received_at
            FROM ohlcv_built WHERE timeframe_id = t.finer_id
        ) AS c
        GROUP BY c.instrument_id, bar_start(t.length, c.ts)
        HAVING count(*) = t.parts
        ON CONFLICT (instrument_id, timeframe_id, ts) DO NOTHING;
        DELETE FROM ohlcv_built AS b USING ohlcv_native AS n
        WHERE b.timeframe_id = t.timeframe_id AND n.timeframe_id = t.timeframe_id
            AND n.instrument_id = b.instrument_id AND n.ts = b.ts;
    END LOOP;
END $built$;

INSERT INTO derived_datasets (dataset, description, daily) VALUES
    ('pattern_performance', 'How often patterns succeeded (pattern_success_rates).', true)
ON CONFLICT (dataset) DO NOTHING;

INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT s.dataset, n.instrument_id, n.day
FROM (
    SELECT DISTINCT instrument_id, (ts AT TIME ZONE 'UTC')::date AS day FROM ohlcv_native
    JOIN timeframes AS t USING (timeframe_id) WHERE t.finer IS NOT NULL
) AS n
CROSS JOIN derived_datasets AS s
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'pattern_performance', instrument_id, (ts AT TIME ZONE 'UTC')::date FROM ohlcv_1d
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;
