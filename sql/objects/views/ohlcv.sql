CREATE OR REPLACE VIEW ohlcv AS
SELECT i.venue, i.symbol, b.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.taker_buy_volume, b.bars, b.minutes AS expected_bars, b.bars = b.minutes AS complete, b.bars IS NULL AS native,
    s.source, b.received_at, b.ts + b.minutes * INTERVAL '1 minute' AS known_at, 1 AS logic_version, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT '1m'::text AS timeframe, 1 AS minutes, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        1::bigint AS bars, source_id, received_at
    FROM ohlcv_1m AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '5m', 5, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_5m AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 5 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 5 AND c.ts = b.ts))
    UNION ALL
    SELECT '15m', 15, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_15m AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 15 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 15 AND c.ts = b.ts))
    UNION ALL
    SELECT '1h', 60, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1h AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 60 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 60 AND c.ts = b.ts))
    UNION ALL
    SELECT '4h', 240, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_4h AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 240 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 240 AND c.ts = b.ts))
    UNION ALL
    SELECT '1d', 1440, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1d AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 1440 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 1440 AND c.ts = b.ts))
    UNION ALL
    SELECT '1w', 10080, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1w AS b WHERE b.instrument_id = i.instrument_id AND (b.bars = 10080 OR NOT EXISTS (
        SELECT FROM coarse_bars AS c WHERE c.instrument_id = b.instrument_id AND c.timeframe_id = 10080 AND c.ts = b.ts))
    UNION ALL
    -- bars that were not made of minutes stand in where the minutes are not all there
    SELECT f.timeframe, f.minutes, n.ts, n.open, n.high, n.low, n.close, n.volume, n.quote_volume, n.trades,
        n.taker_buy_volume, NULL, n.source_id, n.received_at
    FROM coarse_bars AS n
    JOIN timeframes AS f USING (timeframe_id)
    WHERE n.instrument_id = i.instrument_id AND (f.finer IS NULL OR NOT EXISTS (
        SELECT FROM ohlcv_1m AS m
        WHERE m.instrument_id = n.instrument_id AND m.ts >= n.ts AND m.ts < n.ts + f.length
    ) OR NOT is_whole(n.instrument_id, n.timeframe_id, n.ts))
) AS b
LEFT JOIN sources AS s USING (source_id)
WHERE b.ts <= now() - b.minutes * INTERVAL '1 minute';
COMMENT ON VIEW ohlcv IS 'Closed bars of every timeframe from 1m to 1w, and native bars of any other. Where the minutes of a bar are not all there, a native bar counts, or one that native bars add up to.';
COMMENT ON COLUMN ohlcv.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv.timeframe IS 'Length of the bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w (aggregates), others where imported.';
COMMENT ON COLUMN ohlcv.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.trades IS 'Number of trades; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.taker_buy_volume IS 'Size bought by takers, in base units; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.bars IS 'Number of 1m candles in the bar; null for native bars.';
COMMENT ON COLUMN ohlcv.expected_bars IS 'Number of 1m candles in a complete bar.';
COMMENT ON COLUMN ohlcv.complete IS 'Whether no minute is missing; null for native bars.';
COMMENT ON COLUMN ohlcv.native IS 'True for a bar that was not made of minutes: as a venue or a file gave it, or built from such (source is null then).';
COMMENT ON COLUMN ohlcv.source IS 'Where a 1m or native bar came from; null for what was added up.';
COMMENT ON COLUMN ohlcv.received_at IS 'When the last part of it reached us.';
COMMENT ON COLUMN ohlcv.known_at IS 'When it could first be known: its close.';
COMMENT ON COLUMN ohlcv.logic_version IS 'Version of the aggregation.';
COMMENT ON COLUMN ohlcv.instrument_id IS 'Key of the instrument, for joins.';
