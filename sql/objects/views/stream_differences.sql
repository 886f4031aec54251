CREATE OR REPLACE VIEW stream_differences AS
SELECT i.venue, i.symbol, r.ts, d.field, d.stream, d.batch, d.stream - d.batch AS difference,
    (d.stream - d.batch) / nullif(abs(d.batch), 0) AS relative,
    CASE WHEN streamed.first THEN later.source ELSE earlier.source END AS batch_source,
    CASE WHEN streamed.first THEN r.received_at ELSE n.received_at END AS stream_received_at,
    CASE WHEN streamed.first THEN n.received_at ELSE r.received_at END AS batch_received_at,
    r.revised_at, r.instrument_id
FROM ohlcv_revisions AS r
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    (SELECT 1 AS place, v.open, v.high, v.low, v.close, v.volume, v.quote_volume, v.trades, v.taker_buy_volume,
        v.source_id, v.received_at
    FROM ohlcv_revisions AS v
    WHERE v.instrument_id = r.instrument_id AND v.timeframe_id = r.timeframe_id AND v.ts = r.ts
        AND v.revised_at > r.revised_at
    ORDER BY v.revised_at
    LIMIT 1)
    UNION ALL
    SELECT 2, c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades, c.taker_buy_volume, c.source_id,
        c.received_at
    FROM ohlcv_1m AS c
    WHERE c.instrument_id = r.instrument_id AND c.ts = r.ts
    ORDER BY place
    LIMIT 1
) AS n
JOIN sources AS earlier ON earlier.source_id = r.source_id
JOIN sources AS later ON later.source_id = n.source_id
CROSS JOIN LATERAL (SELECT earlier.source = 'stream' AS first) AS streamed
CROSS JOIN LATERAL (
    SELECT v.field, CASE WHEN streamed.first THEN v.old ELSE v.new END AS stream,
        CASE WHEN streamed.first THEN v.new ELSE v.old END AS batch
    FROM (VALUES
        ('open', r.open, n.open), ('high', r.high, n.high), ('low', r.low, n.low), ('close', r.close, n.close),
        ('volume', r.volume, n.volume), ('quote_volume', r.quote_volume, n.quote_volume),
        ('trades', r.trades, n.trades), ('taker_buy_volume', r.taker_buy_volume, n.taker_buy_volume)
    ) AS v (field, old, new)
) AS d
WHERE r.timeframe_id = 1 AND d.stream <> d.batch
    AND (earlier.source = 'stream' AND later.source IN ('archive', 'rest', 'mirror', 'trades')
        OR later.source = 'stream' AND earlier.source IN ('archive', 'rest', 'mirror', 'trades'));
COMMENT ON VIEW stream_differences IS 'Where a 1m candle of a stream and the same one as fetched from the venue disagree, field by field. A value that one of them did not tell is no difference.';
COMMENT ON COLUMN stream_differences.venue IS 'Venue.';
COMMENT ON COLUMN stream_differences.symbol IS 'Unified symbol.';
COMMENT ON COLUMN stream_differences.ts IS 'Open time of the candle.';
COMMENT ON COLUMN stream_differences.field IS 'open, high, low, close, volume, quote_volume, trades or taker_buy_volume.';
COMMENT ON COLUMN stream_differences.stream IS 'What the stream said.';
COMMENT ON COLUMN stream_differences.batch IS 'What was fetched.';
COMMENT ON COLUMN stream_differences.difference IS 'stream - batch.';
COMMENT ON COLUMN stream_differences.relative IS 'difference / batch; null where batch is 0.';
COMMENT ON COLUMN stream_differences.batch_source IS 'archive, rest, mirror or trades.';
COMMENT ON COLUMN stream_differences.stream_received_at IS 'When the stream''s values reached us.';
COMMENT ON COLUMN stream_differences.batch_received_at IS 'When the fetched ones reached us.';
COMMENT ON COLUMN stream_differences.revised_at IS 'When the later of the two replaced the other.';
COMMENT ON COLUMN stream_differences.instrument_id IS 'Key of the instrument, for joins.';
