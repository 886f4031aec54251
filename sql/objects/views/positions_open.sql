CREATE OR REPLACE VIEW positions_open AS
SELECT
    p.account, p.venue, p.symbol, p.base, p.quote, p.settle, p.kind, p.side, p.size, p.size_unit, p.contract_size,
    p.entry_price, p.leverage, p.margin_mode, p.margin, p.maintenance_rate, p.maintenance_amount,
    p.venue_liquidation_price, p.opened_at, p.ts, p.known_at, p.source, p.note, p.instrument_id
FROM positions_at(now()) AS p;
COMMENT ON VIEW positions_open IS 'Positions that are open now; positions_at(time) tells those of another time, as known then.';
COMMENT ON COLUMN positions_open.account IS 'Account.';
COMMENT ON COLUMN positions_open.venue IS 'Venue.';
COMMENT ON COLUMN positions_open.symbol IS 'Unified symbol.';
COMMENT ON COLUMN positions_open.base IS 'Currency that is held.';
COMMENT ON COLUMN positions_open.quote IS 'Currency that prices are in.';
COMMENT ON COLUMN positions_open.settle IS 'Currency it settles in; null for spot.';
COMMENT ON COLUMN positions_open.kind IS 'spot, perpetual or future.';
COMMENT ON COLUMN positions_open.side IS 'long or short.';
COMMENT ON COLUMN positions_open.size IS 'How much, in size_unit, without a sign.';
COMMENT ON COLUMN positions_open.size_unit IS 'base: units of the base currency; contracts: contracts of the venue.';
COMMENT ON COLUMN positions_open.contract_size IS 'How much one contract is: base units of a linear, quote units of an inverse one.';
COMMENT ON COLUMN positions_open.entry_price IS 'Mean price it was opened at, in quote units.';
COMMENT ON COLUMN positions_open.leverage IS 'Worth over margin at the entry; null where not known or nothing is borrowed.';
COMMENT ON COLUMN positions_open.margin_mode IS 'isolated, cross or none.';
COMMENT ON COLUMN positions_open.margin IS 'Margin of an isolated position, in units of the currency it settles in; null: worth at entry over leverage.';
COMMENT ON COLUMN positions_open.maintenance_rate IS 'Maintenance margin as a part of the worth, where it was given with the position.';
COMMENT ON COLUMN positions_open.maintenance_amount IS 'What is taken off it, where it was given.';
COMMENT ON COLUMN positions_open.venue_liquidation_price IS 'Liquidation price as the venue tells it; ours is in position_risk.';
COMMENT ON COLUMN positions_open.opened_at IS 'When it was opened.';
COMMENT ON COLUMN positions_open.ts IS 'Since when it has been in this state.';
COMMENT ON COLUMN positions_open.known_at IS 'When this state was known to us.';
COMMENT ON COLUMN positions_open.source IS 'Who said so: cli, sql, or the venue it was read from.';
COMMENT ON COLUMN positions_open.note IS 'In words.';
COMMENT ON COLUMN positions_open.instrument_id IS 'Key of the instrument, for joins.';
