-- How often is each pattern there, beside a random walk, where it means nothing?
-- per_1000: rows per 1,000 bars (of chart patterns: breakouts); by_chance: the same on a random walk (docs/patterns.md).
-- Change: the symbol, the timeframes, the window.
WITH looked_at AS (
    SELECT instrument_id, timeframe_id, count(*) AS bars
    FROM bars
    JOIN instruments AS i USING (instrument_id)
    WHERE i.venue = 'binance' AND i.symbol = 'BTC/USDT' AND timeframe_id IN (5, 15)
        AND ts >= now() - INTERVAL '96 hours' AND ts < now()
    GROUP BY instrument_id, timeframe_id
), seen AS (
    SELECT 'candlestick' AS family, instrument_id, timeframe_id, pattern, logic_version, count(*) AS n
    FROM candlestick_pattern_events
    JOIN looked_at USING (instrument_id, timeframe_id)
    WHERE ts >= now() - INTERVAL '96 hours' AND known_at <= now() AND logic_version > 0
    GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'chart', instrument_id, timeframe_id, pattern, logic_version, count(*)
    FROM chart_pattern_events
    JOIN looked_at USING (instrument_id, timeframe_id)
    WHERE ts >= now() - INTERVAL '96 hours' AND known_at <= now() AND logic_version > 0 AND stage = 'complete'
    GROUP BY 2, 3, 4, 5
)
SELECT t.timeframe, s.family, s.pattern, s.n, l.bars, (1000 * s.n)::double precision / l.bars AS per_1000, d.by_chance,
    s.logic_version
FROM seen AS s
JOIN looked_at AS l USING (instrument_id, timeframe_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN (
    SELECT 'candlestick' AS family, pattern, logic_version, by_chance FROM candlestick_pattern_definitions
    UNION ALL
    SELECT 'chart', pattern, logic_version, by_chance FROM chart_pattern_definitions
) AS d USING (family, pattern, logic_version)
ORDER BY t.minutes, s.family, s.n DESC, s.pattern;
