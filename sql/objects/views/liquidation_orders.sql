CREATE OR REPLACE VIEW liquidation_orders AS
SELECT i.venue, i.symbol, l.ts, l.position_side, l.order_side, l.price, l.average_price,
    coalesce(l.average_price, l.price) AS counted_price, l.size, l.filled, l.base_amount, l.notional, l.notional_usd,
    l.not_converted, l.status, l.occurrence, s.complete AS stream_is_complete, l.published_at, l.known_at, l.received_at,
    l.run_id, l.instrument_id
FROM liquidations AS l
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT d.complete
    FROM liquidation_streams AS d
    WHERE d.venue = i.venue AND d.since <= l.ts
    ORDER BY d.since DESC
    LIMIT 1
) AS s ON true;
COMMENT ON VIEW liquidation_orders IS 'Positions closed by force, by name. Where the stream is not complete, sums are lower bounds.';
COMMENT ON COLUMN liquidation_orders.venue IS 'Venue.';
COMMENT ON COLUMN liquidation_orders.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidation_orders.ts IS 'When it was traded, by the venue''s clock.';
COMMENT ON COLUMN liquidation_orders.position_side IS 'Which position was closed: long or short.';
COMMENT ON COLUMN liquidation_orders.order_side IS 'Side of the order that closed it: sell closes a long position, buy a short one.';
COMMENT ON COLUMN liquidation_orders.price IS 'Price of that order, in quote units: at Binance its limit, at Bybit the bankruptcy price.';
COMMENT ON COLUMN liquidation_orders.average_price IS 'Average price at which it was filled, in quote units. Null where the venue does not tell it.';
COMMENT ON COLUMN liquidation_orders.counted_price IS 'average_price, or price where that is null: what notional is by.';
COMMENT ON COLUMN liquidation_orders.size IS 'How much was to be closed, in the venue''s unit.';
COMMENT ON COLUMN liquidation_orders.filled IS 'How much of it was filled when the venue told of it. Null where it does not tell.';
COMMENT ON COLUMN liquidation_orders.base_amount IS 'The size in base units. Null where it cannot be converted.';
COMMENT ON COLUMN liquidation_orders.notional IS 'What the size was worth in quote units. Null where it cannot be converted.';
COMMENT ON COLUMN liquidation_orders.notional_usd IS 'The same in USD. Null where what a quote unit was worth is not known.';
COMMENT ON COLUMN liquidation_orders.not_converted IS 'Why an amount is null. Null where nothing is.';
COMMENT ON COLUMN liquidation_orders.status IS 'Status of the order in the venue''s word. Null where it does not tell.';
COMMENT ON COLUMN liquidation_orders.occurrence IS 'Tells apart those of one time, side, price and size, from 0.';
COMMENT ON COLUMN liquidation_orders.stream_is_complete IS 'Whether the venue says that its stream tells all of them (liquidation_streams). Null: it is not known.';
COMMENT ON COLUMN liquidation_orders.published_at IS 'When the venue told of it, by its own clock.';
COMMENT ON COLUMN liquidation_orders.known_at IS 'When it was known here.';
COMMENT ON COLUMN liquidation_orders.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN liquidation_orders.run_id IS 'Run that heard it first.';
COMMENT ON COLUMN liquidation_orders.instrument_id IS 'Key of the instrument, for joins.';
