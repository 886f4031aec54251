-- Whether anything derived from bars is due, and at which venues; what is brought up to date once a day waits. So do
-- changes of today, until the batch last looked %(rest)s ago, where the stream has told of the newest bar: the batch
-- has then only corrections to add.
WITH streamed AS (
    SELECT i.instrument_id
    FROM instruments AS i
    CROSS JOIN LATERAL (
        -- rows of the stream come seconds after their candle
        SELECT c.ts FROM ohlcv_1m AS c
        WHERE c.instrument_id = i.instrument_id AND c.ts <= now() - INTERVAL '70 seconds'
        ORDER BY c.ts DESC LIMIT 1
    ) AS newest
    JOIN indicator_values AS v ON v.instrument_id = i.instrument_id AND v.timeframe_id = 1 AND v.ts = newest.ts
    JOIN derived_windows AS w ON w.dataset = 'indicators' AND w.instrument_id = i.instrument_id
        AND w.timeframe_id = 1 AND w.logic_version = v.logic_version
    WHERE i.tracked AND upper(w.windows) > now() - %(rest)s::interval
)
SELECT count(*) > 0 AS due, coalesce(array_agg(DISTINCT i.venue), '{}') AS venues
FROM derived_dirty AS d
JOIN derived_datasets AS s ON s.dataset = d.dataset AND NOT s.daily
JOIN instruments AS i USING (instrument_id)
WHERE d.day < (now() AT TIME ZONE 'UTC')::date OR d.instrument_id NOT IN (SELECT instrument_id FROM streamed)
