CREATE OR REPLACE VIEW leverage_snapshots AS
SELECT i.venue, i.symbol, i.base, v.ts,
    v.open_interest_at, v.open_interest_base, v.open_interest_quote, v.price, v.price_source, v.volume_24h,
    v.open_interest_to_volume, v.market_cap, v.market_cap_provider, v.open_interest_to_market_cap,
    v.leverage_ratio, v.leverage_perpetuals, v.funding_at, v.funding_rate, v.funding_interval_hours,
    v.funding_annual, v.funding_percentile, v.funding_zscore, v.open_interest_percentile,
    v.volume_percentile, v.crowding_percentile, v.open_interest_change_1h, v.open_interest_change_24h,
    v.price_change_1h, v.price_change_24h, v.quadrant, v.known_at, v.logic_version, v.created_at,
    v.instrument_id
FROM leverage_hours AS v
JOIN instruments AS i USING (instrument_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM leverage_hours AS n
    WHERE n.instrument_id = v.instrument_id AND n.ts = v.ts AND n.logic_version > v.logic_version
);
COMMENT ON VIEW leverage_snapshots IS 'How leveraged and crowded each perpetual was at whole hours, in the newest version.';
COMMENT ON COLUMN leverage_snapshots.venue IS 'Venue.';
COMMENT ON COLUMN leverage_snapshots.symbol IS 'Unified symbol.';
COMMENT ON COLUMN leverage_snapshots.base IS 'Coin it is of.';
COMMENT ON COLUMN leverage_snapshots.ts IS 'The hour: everything in the row was known then.';
COMMENT ON COLUMN leverage_snapshots.open_interest_at IS 'Time of the open interest that was known at ts, at most 2 hours before.';
COMMENT ON COLUMN leverage_snapshots.open_interest_base IS 'Open interest, in base units.';
COMMENT ON COLUMN leverage_snapshots.open_interest_quote IS 'The same in quote units: as the venue told it, else by price.';
COMMENT ON COLUMN leverage_snapshots.price IS 'Price at ts, in quote units: close of the hour that ended, else the mark price.';
COMMENT ON COLUMN leverage_snapshots.price_source IS 'candle or mark.';
COMMENT ON COLUMN leverage_snapshots.volume_24h IS 'Volume of the 24 hours before ts, in quote units; null where an hour is missing.';
COMMENT ON COLUMN leverage_snapshots.open_interest_to_volume IS 'Open interest over volume_24h: days of trading that the open contracts are worth.';
COMMENT ON COLUMN leverage_snapshots.market_cap IS 'Market cap of the base known at ts, in USD; null where no provider had told one in the last 6 hours.';
COMMENT ON COLUMN leverage_snapshots.market_cap_provider IS 'Provider of market_cap.';
COMMENT ON COLUMN leverage_snapshots.open_interest_to_market_cap IS 'Value of this perpetual''s open interest over market_cap; null where its quote is not worth about a dollar.';
COMMENT ON COLUMN leverage_snapshots.leverage_ratio IS 'Value of the open interest of all collected perpetuals of the coin over its market cap: the futures open interest leverage ratio, as Glassnode defines it.';
COMMENT ON COLUMN leverage_snapshots.leverage_perpetuals IS 'Perpetuals in leverage_ratio.';
COMMENT ON COLUMN leverage_snapshots.funding_at IS 'Last settlement known at ts, at most 24 hours before.';
COMMENT ON COLUMN leverage_snapshots.funding_rate IS 'Rate settled then, as a share of the position (0.0001: one basis point); above 0: longs pay shorts.';
COMMENT ON COLUMN leverage_snapshots.funding_interval_hours IS 'Hours that the rate is for; null where not known.';
COMMENT ON COLUMN leverage_snapshots.funding_annual IS 'The rate by the year, by its own interval, without compounding; a share.';
COMMENT ON COLUMN leverage_snapshots.funding_percentile IS 'Mid-rank of funding_annual among the hours of the last 90 days of the same perpetual, 0 to 1; null with fewer than 336 known hours.';
COMMENT ON COLUMN leverage_snapshots.funding_zscore IS 'Distance of funding_annual from their mean, in their standard deviations; null likewise, and where nothing moved.';
COMMENT ON COLUMN leverage_snapshots.open_interest_percentile IS 'Mid-rank of open_interest_base likewise.';
COMMENT ON COLUMN leverage_snapshots.volume_percentile IS 'Mid-rank of volume_24h likewise.';
COMMENT ON COLUMN leverage_snapshots.crowding_percentile IS 'Mean of three mid-ranks: open interest, volume, and size of funding whoever pays it; null unless all are known.';
COMMENT ON COLUMN leverage_snapshots.open_interest_change_1h IS 'Open interest in base units against one hour before: a share.';
COMMENT ON COLUMN leverage_snapshots.open_interest_change_24h IS 'The same against 24 hours before.';
COMMENT ON COLUMN leverage_snapshots.price_change_1h IS 'Price against one hour before: a share; null where the two are of different sources.';
COMMENT ON COLUMN leverage_snapshots.price_change_24h IS 'The same against 24 hours before.';
COMMENT ON COLUMN leverage_snapshots.quadrant IS 'Price and open interest over 24 hours: long_build_up (both up), short_covering (price up, open interest down), short_build_up (price down, open interest up), long_unwinding (both down); null where one is unknown or did not move.';
COMMENT ON COLUMN leverage_snapshots.known_at IS 'When it could first be known: ts.';
COMMENT ON COLUMN leverage_snapshots.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN leverage_snapshots.created_at IS 'When the present values were made.';
COMMENT ON COLUMN leverage_snapshots.instrument_id IS 'Key of the instrument, for joins.';
