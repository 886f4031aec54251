CREATE OR REPLACE VIEW funding_extremes AS
SELECT v.venue, v.symbol, v.base, v.ts, e.side, v.funding_annual, v.funding_percentile, v.funding_zscore,
    v.funding_rate, v.funding_interval_hours, v.funding_at, v.open_interest_quote, v.crowding_percentile, v.quadrant,
    v.price, v.price_source, v.known_at, v.logic_version, v.instrument_id
FROM leverage_snapshots AS v
CROSS JOIN LATERAL (
    SELECT CASE WHEN v.funding_percentile >= 0.95 THEN 'high' WHEN v.funding_percentile <= 0.05 THEN 'low' END AS side
) AS e
LEFT JOIN leverage_hours AS b
    ON b.instrument_id = v.instrument_id AND b.ts = v.ts - INTERVAL '1 hour' AND b.logic_version = v.logic_version
WHERE e.side IS NOT NULL AND (
    b.funding_percentile IS NULL
    OR CASE e.side WHEN 'high' THEN b.funding_percentile < 0.95 ELSE b.funding_percentile > 0.05 END
);
COMMENT ON VIEW funding_extremes IS 'Hours at which funding of a perpetual became extreme for it: at or beyond the 95th or 5th percentile of its own last 90 days, and not so the hour before. As known at that hour.';
COMMENT ON COLUMN funding_extremes.venue IS 'Venue.';
COMMENT ON COLUMN funding_extremes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN funding_extremes.base IS 'Coin it is of.';
COMMENT ON COLUMN funding_extremes.ts IS 'The hour: everything in the row was known then.';
COMMENT ON COLUMN funding_extremes.side IS 'high: longs pay more than usual; low: less than usual, or are paid.';
COMMENT ON COLUMN funding_extremes.funding_annual IS 'Funding by the year, by its own interval, without compounding; a share.';
COMMENT ON COLUMN funding_extremes.funding_percentile IS 'Its mid-rank among the hours of the last 90 days, 0 to 1.';
COMMENT ON COLUMN funding_extremes.funding_zscore IS 'Its distance from their mean, in their standard deviations.';
COMMENT ON COLUMN funding_extremes.funding_rate IS 'Rate settled last, as a share of the position.';
COMMENT ON COLUMN funding_extremes.funding_interval_hours IS 'Hours that the rate is for.';
COMMENT ON COLUMN funding_extremes.funding_at IS 'When it was settled.';
COMMENT ON COLUMN funding_extremes.open_interest_quote IS 'Open interest, in quote units.';
COMMENT ON COLUMN funding_extremes.crowding_percentile IS 'Mean of three mid-ranks: open interest, volume, and size of funding; 0 to 1.';
COMMENT ON COLUMN funding_extremes.quadrant IS 'Price and open interest over 24 hours (leverage_snapshots).';
COMMENT ON COLUMN funding_extremes.price IS 'Price at ts, in quote units.';
COMMENT ON COLUMN funding_extremes.price_source IS 'candle or mark.';
COMMENT ON COLUMN funding_extremes.known_at IS 'When it could first be known: ts.';
COMMENT ON COLUMN funding_extremes.logic_version IS 'Version of the rules that made the snapshot.';
COMMENT ON COLUMN funding_extremes.instrument_id IS 'Key of the instrument, for joins.';
