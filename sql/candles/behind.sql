-- Tracked symbols whose newest closed minute no stream has brought: some seconds after its close it is there, or their
-- streams are silent, are not there, or the venue had no trade in it.
SELECT i.venue, i.symbol
FROM instruments AS i
WHERE i.tracked AND i.venue_symbol IS NOT NULL AND NOT EXISTS (
    SELECT FROM ohlcv_1m AS c
    JOIN sources AS s USING (source_id)
    WHERE c.instrument_id = i.instrument_id AND s.source = 'stream'
        AND c.ts >= date_trunc('minute', now() - INTERVAL '15 seconds') - INTERVAL '1 minute'
)
