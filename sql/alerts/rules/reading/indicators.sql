-- Indicators of closed bars, in the newest version.
SELECT v.instrument_id, extract(epoch FROM v.known_at)::double precision AS ts,
    extract(epoch FROM v.known_at)::double precision AS known_at,
    v.ema_9, v.ema_20, v.ema_50, v.ema_200, v.sma_20, v.sma_50, v.sma_200, v.rsi_14, v.macd, v.macd_signal,
    v.macd_histogram, v.bb_upper, v.bb_middle, v.bb_lower, v.atr_14, v.adx_14, v.plus_di_14, v.minus_di_14, v.obv, v.ad_line,
    v.vwap_session, v.vwap_week, v.cmf_20, v.mfi_14, v.relative_volume_20, v.realised_volatility_20
FROM indicator_values AS v
WHERE v.instrument_id = ANY(%(instruments)s::integer[]) AND v.timeframe_id = %(timeframe_id)s::smallint
    AND v.ts > %(after)s::timestamptz - %(length)s::interval AND v.ts <= %(until)s::timestamptz - %(length)s::interval
    AND v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM indicator_values AS n
        WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    )
