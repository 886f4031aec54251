-- How often was a hammer on 4h right after a down leg, and how often would chance have been?
-- Down leg: the close before the hammer is 2 ATR or more below the close ten bars before that. n: hammers after one; stretches:
-- stretches of time, one horizon long, they fell into, by which the bounds go (Wilson, 95 %); walk_rate: the same pattern on
-- random walks of the same volatility, with its bounds. Where the two overlap there is no demonstrated edge.
-- Change: the pattern, the timeframe, the leg in ATR.
WITH after_leg AS (
    SELECT o.timeframe, o.pattern, o.horizon, (o.directed_pct > 0)::integer AS hit, o.directed_atr,
        floor(extract(epoch FROM o.confirmed_at) / (t.timeframe_id * 60 * o.horizon)) AS stretch
    FROM pattern_outcomes AS o
    JOIN timeframes AS t USING (timeframe)
    JOIN candlestick_patterns AS c USING (instrument_id, timeframe, ts, pattern)
    WHERE o.family = 'candlestick' AND o.pattern = 'hammer' AND o.timeframe = '4h' AND o.known_at <= now()
        AND c.move_before_atr <= -2
), counted AS (
    SELECT timeframe, pattern, horizon, count(*) AS n, count(DISTINCT stretch) AS stretches,
        avg(hit)::double precision AS hit_rate, avg(directed_atr) AS mean_atr
    FROM after_leg
    GROUP BY 1, 2, 3
)
SELECT c.timeframe, c.horizon, c.n, c.stretches, c.hit_rate,
    (c.hit_rate + z2 / (2 * c.stretches) - half) / (1 + z2 / c.stretches) AS hit_low,
    (c.hit_rate + z2 / (2 * c.stretches) + half) / (1 + z2 / c.stretches) AS hit_high,
    c.mean_atr, p.walk_n, p.walk_rate, p.walk_low, p.walk_high, p.base_rate
FROM counted AS c
CROSS JOIN LATERAL (SELECT 1.959963984540054 ^ 2 AS z2) AS z
CROSS JOIN LATERAL (
    SELECT sqrt(z2 * (c.hit_rate * (1 - c.hit_rate) / c.stretches + z2 / (4 * c.stretches ^ 2))) AS half
) AS h
LEFT JOIN pattern_performance AS p
    ON p.timeframe = c.timeframe AND p.pattern = c.pattern AND p.horizon = c.horizon AND p.regime = 'all'
ORDER BY c.horizon;
