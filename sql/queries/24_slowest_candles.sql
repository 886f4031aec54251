-- Which live candles were slowest, and where did the time go?
-- seconds: from the close until the candle could be read; of these, venue: until the venue sent it (by its own clock,
-- so a wrong clock shows as less than nothing), network: from there to us, storing: from us into the table.
-- Change: the window, the source (rest: candles that had to be fetched as the stream was late).
SELECT venue, symbol, ts, source, queryable_after_close AS seconds,
    extract(epoch FROM venue_at - closed_at)::double precision AS venue_seconds,
    extract(epoch FROM received_at - venue_at)::double precision AS network_seconds,
    extract(epoch FROM queryable_at - received_at)::double precision AS storing_seconds
FROM ingest_latency
WHERE ts >= now() - INTERVAL '24 hours'
    AND source IN ('stream', 'rest')
    AND received_at <= queryable_at
ORDER BY queryable_after_close DESC, venue, symbol, ts
LIMIT 50;
