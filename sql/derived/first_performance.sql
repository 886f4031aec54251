-- Whether patterns can be judged for the first time: there are some, what they follow from is computed of all days
-- that are over, and nothing was judged yet.
SELECT EXISTS (SELECT FROM candlestick_pattern_events)
    AND NOT EXISTS (SELECT FROM pattern_performance_stats)
    AND NOT EXISTS (
        SELECT FROM derived_dirty AS d
        JOIN derived_datasets AS s ON s.dataset = d.dataset AND NOT s.daily
        WHERE d.day < (now() AT TIME ZONE 'UTC')::date
    ) AS due
