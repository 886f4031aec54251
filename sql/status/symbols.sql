-- Instruments with how far their 1m candles reach; %(everything)s: also those not tracked (any more).
SELECT i.venue, i.symbol, i.venue_symbol, i.kind, i.tracked, i.active, i.history_start, b.oldest, b.newest,
    CASE WHEN i.tracked THEN extract(epoch FROM now() - b.newest - INTERVAL '1 minute')::double precision END
        AS age_seconds,
    s.symbol AS successor,
    coalesce(i.problem, CASE WHEN i.tracked AND i.resolved_at IS NULL THEN 'not looked up yet' END) AS problem
FROM instruments AS i
LEFT JOIN instruments AS s ON s.instrument_id = i.successor_id
LEFT JOIN LATERAL (
    SELECT
        (SELECT ts FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts LIMIT 1) AS oldest,
        (SELECT ts FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1) AS newest
) AS b ON true
WHERE i.tracked OR %(everything)s
ORDER BY i.venue, i.symbol
