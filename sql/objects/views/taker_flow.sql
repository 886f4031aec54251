CREATE OR REPLACE VIEW taker_flow AS
SELECT
    i.venue, i.symbol, t.timeframe AS period, v.ts, v.buy_volume, v.sell_volume,
    v.buy_volume / nullif(v.buy_volume + v.sell_volume, 0) AS buy_share, v.known_at, v.source, v.received_at,
    v.timeframe_id, v.instrument_id
FROM taker_flow_periods AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id);
COMMENT ON VIEW taker_flow IS 'What takers bought and sold in each period, by venue and symbol.';
COMMENT ON COLUMN taker_flow.venue IS 'Venue.';
COMMENT ON COLUMN taker_flow.symbol IS 'Unified symbol.';
COMMENT ON COLUMN taker_flow.period IS 'Length of the period: 5m, 1h ...';
COMMENT ON COLUMN taker_flow.ts IS 'The time that the venue gives the period.';
COMMENT ON COLUMN taker_flow.buy_volume IS 'Bought by takers, in base units.';
COMMENT ON COLUMN taker_flow.sell_volume IS 'Sold by takers, in base units.';
COMMENT ON COLUMN taker_flow.buy_share IS 'Part of the volume that takers bought, 0 to 1. Null where nothing was traded.';
COMMENT ON COLUMN taker_flow.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN taker_flow.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN taker_flow.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN taker_flow.timeframe_id IS 'Key of the period, for joins.';
COMMENT ON COLUMN taker_flow.instrument_id IS 'Key of the instrument, for joins.';
