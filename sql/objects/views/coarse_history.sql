CREATE OR REPLACE VIEW coarse_history AS
SELECT i.venue, i.symbol, t.timeframe, i.tracked, b.bars, b.first_ts, b.last_ts, l.fetched_from, l.fetched_until, l.attempts,
    l.error, l.updated_at, i.instrument_id
FROM (
    SELECT instrument_id, timeframe_id FROM ohlcv_native
    UNION
    SELECT instrument_id, timeframe_id FROM coarse_ledger
) AS k
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN coarse_ledger AS l USING (instrument_id, timeframe_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS bars, min(n.ts) AS first_ts, max(n.ts) AS last_ts
    FROM ohlcv_native AS n
    WHERE n.instrument_id = k.instrument_id AND n.timeframe_id = k.timeframe_id
) AS b;
COMMENT ON VIEW coarse_history IS 'Longer bars that were not made of minutes, by symbol and timeframe: how many there are, from when to when, and how far the venue was asked for them.';
COMMENT ON COLUMN coarse_history.venue IS 'Venue, or the name an import gave.';
COMMENT ON COLUMN coarse_history.symbol IS 'Unified symbol.';
COMMENT ON COLUMN coarse_history.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN coarse_history.tracked IS 'Whether the symbol''s data are collected.';
COMMENT ON COLUMN coarse_history.bars IS 'Native bars that are stored (ohlcv_native).';
COMMENT ON COLUMN coarse_history.first_ts IS 'Open time of the first of them.';
COMMENT ON COLUMN coarse_history.last_ts IS 'Open time of the newest of them.';
COMMENT ON COLUMN coarse_history.fetched_from IS 'Start of what the venue has answered for; null where it was never asked, as for imports.';
COMMENT ON COLUMN coarse_history.fetched_until IS 'End of what it has answered for, without a hole.';
COMMENT ON COLUMN coarse_history.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN coarse_history.error IS 'What the last failure said; null after a success.';
COMMENT ON COLUMN coarse_history.updated_at IS 'When the venue was last asked.';
COMMENT ON COLUMN coarse_history.instrument_id IS 'Key of the instrument, for joins.';
