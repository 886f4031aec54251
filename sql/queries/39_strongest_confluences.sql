-- On which symbols do most timeframes lean the same way right now?
-- run: consecutive timeframes from run_first to run_last that lean alike; pattern: what leads this timeframe; a timeframe
-- speaks by its newest row of the last day. Those that a higher timeframe contradicts are left out.
-- Change: the grade, the window.
SELECT *
FROM (
    SELECT DISTINCT ON (venue, symbol, timeframe) venue, symbol, timeframe, known_at, direction, pattern, grade, run,
        run_first, run_last, confirming, contradicting, overridden_by, convergence
    FROM pattern_confluence
    WHERE known_at <= now() AND ts >= now() - INTERVAL '24 hours'
    ORDER BY venue, symbol, timeframe, ts DESC
) AS newest
WHERE grade <> 'weak' AND overridden_by IS NULL
ORDER BY run DESC, convergence DESC, venue, symbol, timeframe;
