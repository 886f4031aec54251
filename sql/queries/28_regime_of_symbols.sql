-- In which regime was each symbol at a moment?
-- since: open time of the first bar of the stretch with the same trend, as far as it lies within the last 30 days;
-- volatility and liquidity are low, normal or high for the symbol's own past.
-- Change: the moment (here now), the timeframe.
WITH known AS (
    SELECT venue, symbol, ts, trend, volatility, liquidity, adx,
        row_number() OVER (PARTITION BY instrument_id ORDER BY ts DESC) AS place, instrument_id
    FROM regimes
    WHERE timeframe = '1h' AND known_at <= now() AND ts >= now() - 30 * INTERVAL '24 hours'
), newest AS (
    SELECT * FROM known WHERE place = 1
)
SELECT n.venue, n.symbol, n.ts, n.trend, n.volatility, n.liquidity, n.adx,
    (SELECT min(k.ts) FROM known AS k
     WHERE k.instrument_id = n.instrument_id AND k.ts > coalesce(
        (SELECT max(o.ts) FROM known AS o
         WHERE o.instrument_id = n.instrument_id AND o.trend IS DISTINCT FROM n.trend), '-infinity')) AS since
FROM newest AS n
ORDER BY n.venue, n.symbol;
