-- As the view ohlcv_latest, of what is recent: a timeframe that was not asked for is not read, and of none all that there
-- is. Bars are of the last two days, 4h of four, 1d of ten, 1w of thirty.
SELECT i.venue, i.symbol, t.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.bars, t.minutes AS expected_bars, b.ts + t.length <= now() AS closed, b.received_at, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    (SELECT 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, 1::bigint AS bars, received_at
    FROM ohlcv_1m AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '48 hours'
        AND ({timeframe}::text[] IS NULL OR '1m' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 5 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_5m AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '48 hours'
        AND ({timeframe}::text[] IS NULL OR '5m' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 15 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_15m AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '48 hours'
        AND ({timeframe}::text[] IS NULL OR '15m' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 60 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_1h AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '48 hours'
        AND ({timeframe}::text[] IS NULL OR '1h' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 240 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_4h AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '96 hours'
        AND ({timeframe}::text[] IS NULL OR '4h' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 1440 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_1d AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '240 hours'
        AND ({timeframe}::text[] IS NULL OR '1d' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 10080 AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, bars AS bars, received_at
    FROM ohlcv_1w AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts >= now() - INTERVAL '720 hours'
        AND ({timeframe}::text[] IS NULL OR '1w' = ANY ({timeframe}::text[]))
    ORDER BY ts DESC LIMIT 1)
) AS b
JOIN timeframes AS t USING (timeframe_id)
WHERE {instruments}::integer[] IS NULL OR i.instrument_id = ANY ({instruments}::integer[])
