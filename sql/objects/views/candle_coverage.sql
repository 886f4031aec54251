-- the minutes of each day that should be there: from the listing (or the first candle) to now or delisting
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
COMMENT ON VIEW candle_coverage IS 'Per instrument and UTC day: minutes that should be there, that are, and that the venue never had.';
COMMENT ON COLUMN candle_coverage.venue IS 'Venue.';
COMMENT ON COLUMN candle_coverage.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_coverage.day IS 'UTC day.';
COMMENT ON COLUMN candle_coverage.expected IS 'Minutes of the day that should be there by now.';
COMMENT ON COLUMN candle_coverage.present IS 'Candles that are there.';
COMMENT ON COLUMN candle_coverage.missing IS 'Minutes that are not there.';
COMMENT ON COLUMN candle_coverage.venue_had_none IS 'Missing minutes for which the venue verifiably has no candle.';
COMMENT ON COLUMN candle_coverage.coverage IS 'present / expected.';
COMMENT ON COLUMN candle_coverage.explained IS '(present + venue_had_none) / expected: 1 means nothing is unexplained.';
COMMENT ON COLUMN candle_coverage.status IS 'How far fetching has come (ingest_ledger); null for days that were only imported.';
COMMENT ON COLUMN candle_coverage.attempts IS 'Failed fetches in a row.';
COMMENT ON COLUMN candle_coverage.error IS 'What the last failure said.';
COMMENT ON COLUMN candle_coverage.updated_at IS 'When fetching last touched the day.';
COMMENT ON COLUMN candle_coverage.instrument_id IS 'Key of the instrument, for joins.';
