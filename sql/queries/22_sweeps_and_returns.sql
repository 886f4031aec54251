-- What did price do after a sweep?
-- side: of the pivot that was run over; sweeps: how many; mean_15m_bps, mean_60m_bps: mean return from the close that
-- made the sweep known; reversed: share after which price had, an hour later, gone on away from the pivot (down after
-- a high, up after a low). Sweeps without a candle at that time are left out of its mean.
-- Change: the window, the two times.
SELECT s.venue, s.symbol, s.side, count(*) AS sweeps,
    avg(quarter.close / s.close - 1) * 10000 AS mean_15m_bps,
    avg(hour.close / s.close - 1) * 10000 AS mean_60m_bps,
    avg(CASE WHEN hour.close IS NOT NULL
        THEN (sign(hour.close - s.close) = CASE s.side WHEN 'high' THEN -1 ELSE 1 END)::integer END)::double precision
        AS reversed
FROM sweeps AS s
LEFT JOIN ohlcv_1m AS quarter
    ON quarter.instrument_id = s.instrument_id AND quarter.ts = s.known_at + INTERVAL '14 minutes'
LEFT JOIN ohlcv_1m AS hour
    ON hour.instrument_id = s.instrument_id AND hour.ts = s.known_at + INTERVAL '59 minutes'
WHERE s.ts >= now() - 30 * INTERVAL '24 hours'
GROUP BY s.venue, s.symbol, s.side
ORDER BY s.venue, s.symbol, s.side;
