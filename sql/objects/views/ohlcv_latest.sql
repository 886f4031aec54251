CREATE OR REPLACE VIEW ohlcv_latest AS
SELECT i.venue, i.symbol, t.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.bars, t.minutes AS expected_bars, b.ts + t.length <= now() AS closed, b.received_at, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    (SELECT 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, 1::bigint AS bars, received_at
    FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 5::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_5m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 15::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_15m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 60::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1h AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 240::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_4h AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 1440::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1d AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 10080::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1w AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
) AS b
JOIN timeframes AS t USING (timeframe_id);
COMMENT ON VIEW ohlcv_latest IS 'The newest bar of every instrument and timeframe, the forming one included.';
COMMENT ON COLUMN ohlcv_latest.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv_latest.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv_latest.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN ohlcv_latest.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv_latest.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_latest.high IS 'Highest price so far.';
COMMENT ON COLUMN ohlcv_latest.low IS 'Lowest price so far.';
COMMENT ON COLUMN ohlcv_latest.close IS 'Last trade''s price so far.';
COMMENT ON COLUMN ohlcv_latest.volume IS 'Traded size so far, in base units.';
COMMENT ON COLUMN ohlcv_latest.quote_volume IS 'Traded value so far, in quote units.';
COMMENT ON COLUMN ohlcv_latest.trades IS 'Number of trades so far.';
COMMENT ON COLUMN ohlcv_latest.bars IS 'Number of 1m candles in it.';
COMMENT ON COLUMN ohlcv_latest.expected_bars IS 'Number of 1m candles in a complete bar.';
COMMENT ON COLUMN ohlcv_latest.closed IS 'False while the bar is forming.';
COMMENT ON COLUMN ohlcv_latest.received_at IS 'When the last part of it reached us.';
COMMENT ON COLUMN ohlcv_latest.instrument_id IS 'Key of the instrument, for joins.';
