CREATE OR REPLACE VIEW order_flow AS
SELECT i.venue, i.symbol, t.ts, t.trades, t.buy_volume, t.sell_volume, t.buy_volume - t.sell_volume AS delta,
    t.buy_value, t.sell_value, t.buy_value - t.sell_value AS delta_value,
    (t.buy_value + t.sell_value) / nullif(t.buy_volume + t.sell_volume, 0) AS vwap,
    t.open, t.high, t.low, t.close, t.missing, t.complete, t.first_trade, t.last_trade, t.received_at, t.instrument_id
FROM trades_1s AS t
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW order_flow IS 'Trades by the second and by who took liquidity. For the cumulative delta: sum(delta) OVER (PARTITION BY instrument_id ORDER BY ts).';
COMMENT ON COLUMN order_flow.venue IS 'Venue.';
COMMENT ON COLUMN order_flow.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_flow.ts IS 'Start of the second, by the venue''s clock.';
COMMENT ON COLUMN order_flow.trades IS 'Number of trades (of aggregate trades where the venue sends those).';
COMMENT ON COLUMN order_flow.buy_volume IS 'Size bought by takers, in the venue''s unit.';
COMMENT ON COLUMN order_flow.sell_volume IS 'Size sold by takers, in the venue''s unit.';
COMMENT ON COLUMN order_flow.delta IS 'buy_volume - sell_volume: above 0 takers bought more.';
COMMENT ON COLUMN order_flow.buy_value IS 'Value bought by takers, in quote units.';
COMMENT ON COLUMN order_flow.sell_value IS 'Value sold by takers, in quote units.';
COMMENT ON COLUMN order_flow.delta_value IS 'buy_value - sell_value, in quote units.';
COMMENT ON COLUMN order_flow.vwap IS 'Value / size of these trades (of linear instruments: their mean price).';
COMMENT ON COLUMN order_flow.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN order_flow.high IS 'Highest price.';
COMMENT ON COLUMN order_flow.low IS 'Lowest price.';
COMMENT ON COLUMN order_flow.close IS 'Last trade''s price.';
COMMENT ON COLUMN order_flow.missing IS 'Trades that the ids show to be missing in it; null where ids do not tell.';
COMMENT ON COLUMN order_flow.complete IS 'False when the stream was interrupted or the second was seen only in part.';
COMMENT ON COLUMN order_flow.first_trade IS 'The venue''s id of the first trade.';
COMMENT ON COLUMN order_flow.last_trade IS 'The venue''s id of the last trade.';
COMMENT ON COLUMN order_flow.received_at IS 'When its last trade reached us.';
COMMENT ON COLUMN order_flow.instrument_id IS 'Key of the instrument, for joins.';
