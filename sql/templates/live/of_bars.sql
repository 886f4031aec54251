-- The newest rows that follow from bars, oldest first: of each timeframe its last two dozen bars. {table} and {columns}
-- are filled by alphapulse_api/broadcasting/snapshots.py. By instrument and timeframe, as the key goes.
SELECT * FROM (
    SELECT i.venue, i.symbol, t.timeframe, {columns}
    FROM instruments AS i
    CROSS JOIN timeframes AS t
    CROSS JOIN LATERAL (
        SELECT * FROM {table} AS v
        WHERE v.instrument_id = i.instrument_id AND v.timeframe_id = t.timeframe_id
            AND v.ts >= now() - 25 * t.length AND v.logic_version > 0
        ORDER BY v.ts DESC LIMIT %(most)s
    ) AS x
    WHERE i.tracked AND (i.venue = %(venue)s OR %(venue)s = '*') AND (i.symbol = %(symbol)s OR %(symbol)s = '*')
        AND (t.timeframe = %(part)s OR %(part)s = '*')
    ORDER BY x.known_at DESC LIMIT %(most)s
) AS newest
ORDER BY known_at, ts
