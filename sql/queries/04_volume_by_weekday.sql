-- On which days of the week is most traded?
-- weekday: 1 is Monday (UTC); days: number of days behind the figure; mean_volume: mean of the day's volume, in
-- base units; share: of the symbol's mean week.
-- Change: the window. Days with missing minutes are left out: they would count as quiet.
SELECT venue, symbol, extract(isodow FROM ts AT TIME ZONE 'UTC')::integer AS weekday, count(*) AS days,
    avg(volume) AS mean_volume,
    avg(volume) / sum(avg(volume)) OVER (PARTITION BY venue, symbol) AS share
FROM ohlcv
WHERE timeframe = '1d' AND complete AND ts >= now() - 90 * INTERVAL '24 hours'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
