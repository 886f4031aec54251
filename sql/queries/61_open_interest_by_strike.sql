-- Which strikes of each expiry hold most open interest, and at which price would its options pay least?
-- calls, puts: open interest in coins; share: of all of the expiry; max_pain: the strike at which they would pay
-- least; from_price: how far that is from the price for delivery at the expiry. It is no forecast.
-- Change: the currency, the number of strikes.
WITH held AS (
    SELECT expiry, strike,
        coalesce(sum(open_interest) FILTER (WHERE kind = 'call'), 0) AS calls,
        coalesce(sum(open_interest) FILTER (WHERE kind = 'put'), 0) AS puts
    FROM options_chain_now
    WHERE currency = 'BTC'
    GROUP BY expiry, strike
), ranked AS (
    SELECT *, (calls + puts) / nullif(sum(calls + puts) OVER (PARTITION BY expiry), 0) AS share,
        row_number() OVER (PARTITION BY expiry ORDER BY calls + puts DESC, strike) AS place
    FROM held
)
SELECT r.expiry, r.strike, r.calls, r.puts, r.share, s.max_pain, s.price, s.max_pain / s.price - 1 AS from_price
FROM ranked AS r
JOIN options_summary_now AS s ON s.currency = 'BTC' AND s.expiry = r.expiry
WHERE r.place <= 5
ORDER BY r.expiry, r.strike;
