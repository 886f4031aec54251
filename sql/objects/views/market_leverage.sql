CREATE OR REPLACE VIEW market_leverage AS
SELECT v.ts, count(*) AS perpetuals,
    sum(v.open_interest_quote) FILTER (WHERE i.dollars) AS open_interest,
    sum(v.funding_annual * v.open_interest_quote) FILTER (WHERE i.dollars)
    / nullif(sum(v.open_interest_quote) FILTER (WHERE i.dollars AND v.funding_annual IS NOT NULL), 0) AS funding_annual,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY v.funding_percentile) AS funding_percentile_median,
    avg((v.funding_percentile >= 0.95)::integer::double precision) AS funding_high_share,
    avg((v.funding_percentile <= 0.05)::integer::double precision) AS funding_low_share,
    avg(v.crowding_percentile) AS crowding_mean,
    avg((v.quadrant = 'long_build_up')::integer::double precision) AS long_build_up_share,
    avg((v.quadrant = 'short_covering')::integer::double precision) AS short_covering_share,
    avg((v.quadrant = 'short_build_up')::integer::double precision) AS short_build_up_share,
    avg((v.quadrant = 'long_unwinding')::integer::double precision) AS long_unwinding_share
FROM leverage_snapshots AS v
JOIN (
    SELECT instrument_id, quote IN ('USD', 'USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USDE', 'DAI') AS dollars
    FROM instruments
) AS i USING (instrument_id)
GROUP BY v.ts;
COMMENT ON VIEW market_leverage IS 'Leverage of all collected perpetuals together at every hour. Which they are changes with what is collected: perpetuals says of how many.';
COMMENT ON COLUMN market_leverage.ts IS 'The hour: everything in the row was known then.';
COMMENT ON COLUMN market_leverage.perpetuals IS 'Perpetuals with a snapshot.';
COMMENT ON COLUMN market_leverage.open_interest IS 'Open interest of those that are quoted in dollars or in coins worth one, in USD.';
COMMENT ON COLUMN market_leverage.funding_annual IS 'Their funding by the year, each weighing its open interest; a share.';
COMMENT ON COLUMN market_leverage.funding_percentile_median IS 'Median of how high funding is for each perpetual itself, 0 to 1.';
COMMENT ON COLUMN market_leverage.funding_high_share IS 'Share at or beyond the 95th percentile of its own funding.';
COMMENT ON COLUMN market_leverage.funding_low_share IS 'Share at or below the 5th percentile of its own funding.';
COMMENT ON COLUMN market_leverage.crowding_mean IS 'Mean crowding, 0 to 1.';
COMMENT ON COLUMN market_leverage.long_build_up_share IS 'Share with price and open interest up over 24 hours.';
COMMENT ON COLUMN market_leverage.short_covering_share IS 'Share with price up and open interest down.';
COMMENT ON COLUMN market_leverage.short_build_up_share IS 'Share with price down and open interest up.';
COMMENT ON COLUMN market_leverage.long_unwinding_share IS 'Share with price and open interest down.';
