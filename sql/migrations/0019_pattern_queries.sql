-- What analysts ask of a symbol's patterns across timeframes: one pattern of all of them, and those that are sure. The keys
-- begin with instrument and timeframe and find neither without reading all rows of the time asked about.
CREATE INDEX IF NOT EXISTS candlestick_pattern_events_by_pattern
    ON candlestick_pattern_events (instrument_id, pattern, ts);
CREATE INDEX IF NOT EXISTS pattern_confidences_sure
    ON pattern_confidences (instrument_id, ts) WHERE level IN ('high', 'extreme');

-- Every view of derived rows joins these. They are small for long: fewer than 50 changed rows autovacuum passes over,
-- and plans are made for tables of unknown size. So a change of a tenth is enough, however few rows that is.
ALTER TABLE instruments SET (autovacuum_analyze_threshold = 0, autovacuum_analyze_scale_factor = 0.1);
ALTER TABLE derived_windows SET (autovacuum_analyze_threshold = 0, autovacuum_analyze_scale_factor = 0.1);
ALTER TABLE signal_windows SET (autovacuum_analyze_threshold = 0, autovacuum_analyze_scale_factor = 0.1);

-- A random page is taken to cost four times one in sequence where nobody has said otherwise: that was true of spinning
-- disks. It has a symbol's old months looked for by reading, and decompressing, those of all symbols.
DO $$
BEGIN
    IF (SELECT source FROM pg_settings WHERE name = 'random_page_cost') = 'default' THEN
        EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1.1', current_database());
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'set random_page_cost to 1.1 where the database is not on a spinning disk';
END $$;
