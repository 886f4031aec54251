-- the supply at the start of a day: the provider's own, or else the first that was asked that day, in its first two hours
CREATE OR REPLACE VIEW stablecoin_issuance AS
WITH starts AS (
    SELECT DISTINCT ON (provider, stablecoin, day) provider, stablecoin, symbol, peg, day, sampled, circulating_usd,
        circulating, peg_deviation, known_at
    FROM (
        SELECT *, date_trunc('day', ts, 'UTC') AS day
        FROM stablecoin_supply
        WHERE ts < date_trunc('day', ts, 'UTC') + INTERVAL '2 hours'
    ) AS s
    ORDER BY provider, stablecoin, day, sampled, CASE WHEN sampled = 'live' THEN ts END, revision DESC
), pairs AS (
    SELECT *, lag(day) OVER coin AS day_before, lag(circulating_usd) OVER coin AS usd_before,
        lag(circulating) OVER coin AS units_before, lag(known_at) OVER coin AS known_before,
        first_value(circulating_usd) OVER week AS usd_week_before, first_value(known_at) OVER week AS known_week_before
    FROM starts
    WINDOW coin AS (PARTITION BY provider, stablecoin ORDER BY day),
        week AS (
            PARTITION BY provider, stablecoin ORDER BY day
            RANGE BETWEEN INTERVAL '168 hours' PRECEDING AND INTERVAL '168 hours' PRECEDING
        )
)
SELECT provider, stablecoin, symbol, peg, day_before AS day, day AS day_end, usd_before AS supply_start_usd,
    circulating_usd AS supply_end_usd, circulating_usd - usd_before AS net_issuance_usd,
    circulating - units_before AS net_issuance, circulating_usd - usd_week_before AS net_issuance_week_usd, peg_deviation,
    greatest(known_at, known_before, known_week_before) AS known_at
FROM pairs
WHERE day_before = day - INTERVAL '24 hours';
COMMENT ON VIEW stablecoin_issuance IS 'What was issued of each stablecoin, and of all together (stablecoin all), on each UTC day: supply at its end less supply at its start. A day without both has no row.';
COMMENT ON COLUMN stablecoin_issuance.provider IS 'Who tells: defillama.';
COMMENT ON COLUMN stablecoin_issuance.stablecoin IS 'The provider''s number of the coin; all: every stablecoin together.';
COMMENT ON COLUMN stablecoin_issuance.symbol IS 'Its symbol.';
COMMENT ON COLUMN stablecoin_issuance.peg IS 'Currency that it is pegged to; null of all together.';
COMMENT ON COLUMN stablecoin_issuance.day IS 'Start of the UTC day.';
COMMENT ON COLUMN stablecoin_issuance.day_end IS 'End of the UTC day.';
COMMENT ON COLUMN stablecoin_issuance.supply_start_usd IS 'Supply in USD when the day began.';
COMMENT ON COLUMN stablecoin_issuance.supply_end_usd IS 'Supply in USD when it ended.';
COMMENT ON COLUMN stablecoin_issuance.net_issuance_usd IS 'Issued less redeemed, in USD; moves of a price that is not at its peg are in it.';
COMMENT ON COLUMN stablecoin_issuance.net_issuance IS 'Issued less redeemed, in units of the coin; null of all together.';
COMMENT ON COLUMN stablecoin_issuance.net_issuance_week_usd IS 'The same of the seven days that end with this one; null where the supply of then is not known.';
COMMENT ON COLUMN stablecoin_issuance.peg_deviation IS 'Price of a USD coin minus 1 at the end of the day; null for other pegs.';
COMMENT ON COLUMN stablecoin_issuance.known_at IS 'When all of the row could be known.';
