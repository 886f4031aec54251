-- Where is price within its bands, and how strong is its momentum, hour by hour?
-- band_position: 0 at the lower Bollinger band, 1 at the upper; atr_pct: average true range in per cent of the close;
-- relative_volume_20: volume over the mean of the 20 hours before. Values are null until they are defined.
-- Change: the symbol, the timeframe, the window.
SELECT ts, close, rsi_14, (close - bb_lower) / nullif(bb_upper - bb_lower, 0) AS band_position,
    100 * atr_14 / close AS atr_pct, relative_volume_20, logic_version
FROM indicators
WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND timeframe = '1h'
    AND known_at <= now() AND ts >= now() - INTERVAL '48 hours'
ORDER BY ts;
