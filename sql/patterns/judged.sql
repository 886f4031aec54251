-- Instruments whose patterns' outcomes are computed, by timeframe, with the stretch of time of it.
SELECT i.instrument_id, i.venue, i.symbol, t.timeframe, lower(w.windows) AS first, upper(w.windows) AS until
FROM (
    SELECT instrument_id, timeframe_id, range_merge(windows) AS windows
    FROM derived_windows WHERE dataset = 'pattern_outcomes' AND logic_version = %(logic_version)s AND NOT isempty(windows)
) AS w
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
ORDER BY i.instrument_id, t.minutes
