CREATE OR REPLACE VIEW long_short_ratios AS
SELECT
    i.venue, i.symbol, v.kind, t.timeframe AS period, v.ts, v.long_share, v.short_share, v.ratio, v.known_at,
    v.source, v.received_at, v.timeframe_id, v.instrument_id
FROM long_short_readings AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id);
COMMENT ON VIEW long_short_ratios IS 'How much of a venue''s accounts or positions is long and short, by venue and symbol.';
COMMENT ON COLUMN long_short_ratios.venue IS 'Venue.';
COMMENT ON COLUMN long_short_ratios.symbol IS 'Unified symbol.';
COMMENT ON COLUMN long_short_ratios.kind IS 'accounts: of all accounts with a position; top_accounts: of the fifth with the most margin; top_positions: of the positions of those.';
COMMENT ON COLUMN long_short_ratios.period IS 'Length of the period: 5m, 1h ...';
COMMENT ON COLUMN long_short_ratios.ts IS 'The time that the venue gives the period.';
COMMENT ON COLUMN long_short_ratios.long_share IS 'Part that is long, 0 to 1.';
COMMENT ON COLUMN long_short_ratios.short_share IS 'Part that is short, 0 to 1. The two are 1 together but for rounding.';
COMMENT ON COLUMN long_short_ratios.ratio IS 'Long over short, as the venue told it, else computed. Null where nothing is short.';
COMMENT ON COLUMN long_short_ratios.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN long_short_ratios.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN long_short_ratios.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN long_short_ratios.timeframe_id IS 'Key of the period, for joins.';
COMMENT ON COLUMN long_short_ratios.instrument_id IS 'Key of the instrument, for joins.';
