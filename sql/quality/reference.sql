-- Median close of the same pair on the other venues, US dollars and their tokens taken as one: $1, $2 to $3.
SELECT c.ts, percentile_cont(0.5) WITHIN GROUP (ORDER BY c.close) AS close
FROM instruments AS mine
JOIN instruments AS other
    ON other.venue <> mine.venue AND other.base = mine.base AND (
        other.quote = mine.quote
        OR (other.quote IN ('USD', 'USDT', 'USDC') AND mine.quote IN ('USD', 'USDT', 'USDC')))
JOIN ohlcv_1m AS c ON c.instrument_id = other.instrument_id
WHERE mine.instrument_id = $1 AND c.ts >= $2 AND c.ts < $3
GROUP BY c.ts
ORDER BY c.ts
