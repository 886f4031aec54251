-- How leveraged and crowded each perpetual was at whole hours: made of open interest, funding, candles and market caps.

CREATE TABLE IF NOT EXISTS leverage_hours (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    open_interest_at timestamptz,
    open_interest_base double precision,
    open_interest_quote double precision,
    price double precision,
    price_source text CHECK (price_source IN ('candle', 'mark')),
    volume_24h double precision,
    open_interest_to_volume double precision,
    market_cap double precision,
    market_cap_provider text,
    open_interest_to_market_cap double precision,
    leverage_ratio double precision,
    leverage_perpetuals integer,
    funding_at timestamptz,
    funding_rate double precision,
    funding_interval_hours double precision,
    funding_annual double precision,
    funding_percentile double precision,
    funding_zscore double precision,
    open_interest_percentile double precision,
    volume_percentile double precision,
    crowding_percentile double precision,
    open_interest_change_1h double precision,
    open_interest_change_24h double precision,
    price_change_1h double precision,
    price_change_24h double precision,
    quadrant text
    CHECK (quadrant IN ('long_build_up', 'short_covering', 'short_build_up', 'long_unwinding')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, logic_version)
);
CREATE INDEX IF NOT EXISTS leverage_hours_by_time ON leverage_hours (ts);
COMMENT ON TABLE leverage_hours IS 'What was known of each perpetual''s leverage at whole hours, beside its own last 90 days. The view leverage_snapshots shows venue and symbol, in the newest version.';
COMMENT ON COLUMN leverage_hours.instrument_id IS 'Perpetual (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN leverage_hours.ts IS 'The hour: everything in the row was known then.';
COMMENT ON COLUMN leverage_hours.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN leverage_hours.known_at IS 'When it could first be known: ts, as nothing later is in it.';
COMMENT ON COLUMN leverage_hours.open_interest_at IS 'Time of the open interest that was known at ts, at most 2 hours before.';
COMMENT ON COLUMN leverage_hours.open_interest_base IS 'Open interest, in base units.';
COMMENT ON COLUMN leverage_hours.open_interest_quote IS 'The same in quote units: as the venue told it, else by price.';
COMMENT ON COLUMN leverage_hours.price IS 'Price at ts, in quote units: close of the hour that ended, else the mark price.';
COMMENT ON COLUMN leverage_hours.price_source IS 'candle or mark.';
COMMENT ON COLUMN leverage_hours.volume_24h IS 'Volume of the 24 hours before ts, in quote units; null where an hour is missing.';
COMMENT ON COLUMN leverage_hours.open_interest_to_volume IS 'Open interest over volume_24h: days of trading that the open contracts are worth.';
COMMENT ON COLUMN leverage_hours.market_cap IS 'Market cap of the base known at ts, in USD; null where no provider had told one in the last 6 hours.';
COMMENT ON COLUMN leverage_hours.market_cap_provider IS 'Provider of market_cap.';
COMMENT ON COLUMN leverage_hours.open_interest_to_market_cap IS 'Value of this perpetual''s open interest over market_cap; null where its quote is not worth about a dollar.';
COMMENT ON COLUMN leverage_hours.leverage_ratio IS 'Value of the open interest of all collected perpetuals of the coin over its market cap: the futures open interest leverage ratio, as Glassnode defines it.';
COMMENT ON COLUMN leverage_hours.leverage_perpetuals IS 'Perpetuals in leverage_ratio.';
COMMENT ON COLUMN leverage_hours.funding_at IS 'Last settlement known at ts, at most 24 hours before.';
COMMENT ON COLUMN leverage_hours.funding_rate IS 'Rate settled then, as a share of the position (0.0001: one basis point); above 0: longs pay shorts.';
COMMENT ON COLUMN leverage_hours.funding_interval_hours IS 'Hours that the rate is for; null where not known.';
COMMENT ON COLUMN leverage_hours.funding_annual IS 'The rate by the year, by its own interval, without compounding; a share.';
COMMENT ON COLUMN leverage_hours.funding_percentile IS 'Mid-rank of funding_annual among the hours of the last 90 days of the same perpetual, 0 to 1; null with fewer than 336 known hours.';
COMMENT ON COLUMN leverage_hours.funding_zscore IS 'Distance of funding_annual from their mean, in their standard deviations; null likewise, and where nothing moved.';
COMMENT ON COLUMN leverage_hours.open_interest_percentile IS 'Mid-rank of open_interest_base likewise.';
COMMENT ON COLUMN leverage_hours.volume_percentile IS 'Mid-rank of volume_24h likewise.';
COMMENT ON COLUMN leverage_hours.crowding_percentile IS 'Mean of three mid-ranks: open interest, volume, and size of funding whoever pays it; null unless all are known.';
COMMENT ON COLUMN leverage_hours.open_interest_change_1h IS 'Open interest in base units against one hour before: a share.';
COMMENT ON COLUMN leverage_hours.open_interest_change_24h IS 'The same against 24 hours before.';
COMMENT ON COLUMN leverage_hours.price_change_1h IS 'Price against one hour before: a share; null where the two are of different sources.';
COMMENT ON COLUMN leverage_hours.price_change_24h IS 'The same against 24 hours before.';
COMMENT ON COLUMN leverage_hours.quadrant IS 'Price and open interest over 24 hours: long_build_up (both up), short_covering (price up, open interest down), short_build_up (price down, open interest up), long_unwinding (both down); null where one is unknown or did not move.';
COMMENT ON COLUMN leverage_hours.created_at IS 'When the present values were made.';

CALL keep_in_chunks('leverage_hours', '30 days', 'instrument_id, logic_version', 'ts', '30 days');
