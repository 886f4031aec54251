-- Which signals and chart patterns of the last day can be looked at, and by which command?
-- id: names the signal or pattern for ever; the API has its picture at /api/v1/draw/signal/ID?format=svg (or png, html,
-- json), Python by db.draw('signal', ID). A chart pattern comes once, at the newest stage from its breakout on.
-- Change: the window, a symbol, a timeframe.
SELECT what, known_at, venue, symbol, timeframe, name, stage, id, 'alphapulse draw ' || what || ' ' || id AS command
FROM (
    SELECT 'signal' AS what, s.known_at, s.venue, s.symbol, s.timeframe, s.signal AS name, NULL AS stage, s.id
    FROM signals AS s
    -- a bar of a week is told a week after it opens
    WHERE s.ts > now() - INTERVAL '8 days' AND s.known_at > now() - INTERVAL '1 day' AND s.known_at <= now()
        AND s.stop IS NOT NULL
    UNION ALL
    (
        SELECT DISTINCT ON (c.id) 'pattern', c.known_at, c.venue, c.symbol, c.timeframe, c.pattern, c.stage, c.id
        FROM chart_patterns AS c
        WHERE c.ts > now() - INTERVAL '8 days' AND c.known_at > now() - INTERVAL '1 day' AND c.known_at <= now()
            AND c.stage <> 'forming'
        ORDER BY c.id ASC, c.known_at DESC
    )
) AS told
ORDER BY known_at DESC, what DESC, id ASC;
