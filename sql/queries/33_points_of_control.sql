-- At which price was most traded each day, and did the next day come back to it?
-- poc: middle of the price bin with the most volume; value_area_low to value_area_high hold 70 % of the volume around
-- it; revisited: whether the next day's range reached the point of control, null while that day is not over.
-- Change: the symbol, the window.
SELECT p.day, p.poc, p.value_area_low, p.value_area_high, p.volume, p.minutes, n.low <= p.poc AND p.poc <= n.high AS revisited
FROM volume_profiles AS p
LEFT JOIN ohlcv_1d AS n
    ON n.instrument_id = p.instrument_id AND n.ts = p.known_at AND n.ts + INTERVAL '24 hours' <= now()
WHERE p.venue = 'binance' AND p.symbol = 'BTC/USDT' AND p.known_at <= now()
    AND p.known_at > now() - 30 * INTERVAL '24 hours'
ORDER BY p.day;
