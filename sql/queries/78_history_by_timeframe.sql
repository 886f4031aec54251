-- How far back does each symbol go on each timeframe, what are its bars made of, and how many scores knew a success rate?
-- bars: all that count; of_minutes: made of minutes; native: as a venue or a file gave them; built: longer ones that native
-- ones add up to; scored: pattern events with a score; with_rates: share of them for which rates of success were there
-- (history_as_of); rates_as_of: the newest that were used.
-- Change: the timeframes; add a symbol to see one alone.
SELECT b.venue, b.symbol, b.timeframe, b.bars, b.of_minutes, b.native, b.built, b.first_ts, b.last_ts, s.scored, s.with_rates,
    s.rates_as_of
FROM (
    SELECT instrument_id, venue, symbol, timeframe, count(*) AS bars, count(*) FILTER (WHERE NOT native) AS of_minutes,
        count(*) FILTER (WHERE native AND source IS NOT NULL) AS native,
        count(*) FILTER (WHERE native AND source IS NULL) AS built, min(ts) AS first_ts, max(ts) AS last_ts
    FROM ohlcv
    WHERE timeframe IN ('1h', '4h', '1d', '1w') AND ts < now()
    GROUP BY 1, 2, 3, 4
) AS b
LEFT JOIN (
    SELECT instrument_id, timeframe, count(*) AS scored, max(history_as_of) AS rates_as_of,
        avg((history_as_of IS NOT NULL)::integer)::double precision AS with_rates
    FROM pattern_confidence
    GROUP BY 1, 2
) AS s USING (instrument_id, timeframe)
ORDER BY b.venue, b.symbol, array_position(ARRAY['1h', '4h', '1d', '1w'], b.timeframe)
