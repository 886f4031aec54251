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
        lag(circulating) OVER coin AS units_before, lag(known_at) OVER coin AS known_before
    FROM starts
    WINDOW coin AS (PARTITION BY provider, stablecoin ORDER BY day)
)
SELECT p.provider, p.stablecoin, p.symbol, p.peg, p.day_before AS day, p.day AS day_end,
    p.usd_before AS supply_start_usd, p.circulating_usd AS supply_end_usd, p.circulating_usd - p.usd_before AS net_issuance_usd,
    p.circulating - p.units_before AS net_issuance,
    p.circulating_usd - w.circulating_usd AS net_issuance_week_usd, p.peg_deviation,
    greatest(p.known_at, p.known_before, w.known_at) AS known_at
FROM pairs AS p
LEFT JOIN starts AS w ON w.provider = p.provider AND w.stablecoin = p.stablecoin AND w.day = p.day - INTERVAL '168 hours'
WHERE p.day_before = p.day - INTERVAL '24 hours';
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
