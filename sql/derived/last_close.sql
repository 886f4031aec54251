-- When the newest bar of an instrument closed that was closed at a moment: a minute's, or that of a bar without minutes.
SELECT greatest(
    (SELECT ts + INTERVAL '1 minute' FROM ohlcv_1m
    WHERE instrument_id = %(instrument_id)s AND ts <= %(now)s - INTERVAL '1 minute' ORDER BY ts DESC LIMIT 1),
    (SELECT max(b.closes)
    FROM timeframes AS t
    CROSS JOIN LATERAL (
        SELECT c.ts + t.length AS closes FROM coarse_bars AS c
        WHERE c.instrument_id = %(instrument_id)s AND c.timeframe_id = t.timeframe_id AND c.ts <= %(now)s - t.length
        ORDER BY c.ts DESC LIMIT 1
    ) AS b
    WHERE t.finer IS NOT NULL)
) AS last_close
