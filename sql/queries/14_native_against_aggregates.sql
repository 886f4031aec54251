-- Do the venues' own bars agree with what their 1m candles add up to?
-- close_bps, volume_bps: own bar over the aggregate, in basis points; bars of expected_bars: where minutes are
-- missing a difference is no surprise.
-- Change: the window.
SELECT a.venue, a.symbol, a.timeframe, a.ts, a.bars, a.expected_bars,
    n.close AS native_close, a.close AS aggregated_close, (n.close / a.close - 1) * 10000 AS close_bps,
    n.volume AS native_volume, a.volume AS aggregated_volume,
    (n.volume / nullif(a.volume, 0) - 1) * 10000 AS volume_bps
FROM ohlcv_native AS n
JOIN timeframes AS t USING (timeframe_id)
JOIN ohlcv AS a ON a.instrument_id = n.instrument_id AND a.timeframe = t.timeframe AND a.ts = n.ts AND NOT a.native
WHERE n.ts >= now() - 30 * INTERVAL '24 hours'
ORDER BY abs(n.close / a.close - 1) DESC, a.venue, a.symbol, a.timeframe, a.ts;
