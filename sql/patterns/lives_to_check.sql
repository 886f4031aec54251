-- Lives of chart patterns of these venues ($1) with an event in a window ($2 to $3) in version $4: how many steps each
-- takes that no life can, an event after its end or an outcome without a breakout, and breakouts by a close that already
-- is beyond the price at which the pattern is wrong.
WITH touched AS (
    SELECT DISTINCT e.instrument_id, e.timeframe_id, e.pattern_id
    FROM chart_pattern_events AS e
    JOIN instruments AS i USING (instrument_id)
    WHERE i.venue = ANY ($1) AND e.ts >= $2 AND e.ts < $3 AND e.logic_version = $4
), staged AS (
    SELECT e.instrument_id, e.timeframe_id, e.pattern_id, e.ts, e.stage,
        CASE e.stage WHEN 'forming' THEN 1 WHEN 'complete' THEN 2 ELSE 3 END AS step,
        CASE e.direction WHEN 'bullish' THEN 1 ELSE -1 END
            * ((e.detail ->> 'close')::double precision - e.invalidation) AS room
    FROM touched
    JOIN chart_pattern_events AS e USING (instrument_id, timeframe_id, pattern_id)
    WHERE e.logic_version = $4
), followed AS (
    SELECT *, lag(step) OVER life AS step_before
    FROM staged
    WINDOW life AS (PARTITION BY instrument_id, timeframe_id, pattern_id ORDER BY ts, step)
)
SELECT i.venue || ' ' || i.symbol AS symbol, t.timeframe, f.pattern_id,
    count(*) FILTER (WHERE f.step <= f.step_before) AS after_the_end,
    count(*) FILTER (WHERE f.stage = 'target_met' AND f.step_before = 1) AS without_breakout,
    count(*) FILTER (WHERE f.stage = 'complete' AND f.room <= 0) AS wrong_when_complete
FROM followed AS f
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
GROUP BY 1, 2, 3
