-- days are those the batch has touched, and the last two: each is looked at by itself, over the candles' own key
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
COMMENT ON VIEW stream_verification IS 'Per instrument and UTC day: candles that a stream wrote, and how many of these the batch has since fetched too. Ask for some days.';
COMMENT ON COLUMN stream_verification.venue IS 'Venue.';
COMMENT ON COLUMN stream_verification.symbol IS 'Unified symbol.';
COMMENT ON COLUMN stream_verification.day IS 'UTC day.';
COMMENT ON COLUMN stream_verification.written IS '1m candles of the day that a stream wrote.';
COMMENT ON COLUMN stream_verification.verified IS 'Of these, those that were fetched as well, later, alike or not.';
COMMENT ON COLUMN stream_verification.unverified IS 'Of these, those that were not fetched yet.';
COMMENT ON COLUMN stream_verification.differing IS 'Of these, those for which the fetch said something else (stream_differences).';
COMMENT ON COLUMN stream_verification.instrument_id IS 'Key of the instrument, for joins.';
