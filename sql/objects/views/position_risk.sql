CREATE OR REPLACE VIEW position_risk AS
SELECT
    v.account, i.venue, i.symbol, i.base, i.quote, v.side, v.opened_at, v.ts, v.mark_price, v.mark_ts, v.mark_source,
    v.base_size, v.exposure, v.gain, v.liquidation_price, v.liquidation_distance, v.liquidation_reason,
    v.funding_rate, v.funding_interval_hours, v.funding_per_day, v.funding_reason, v.known_at, v.logic_version,
    v.instrument_id
FROM position_risks AS v
JOIN instruments AS i USING (instrument_id)
WHERE v.ts = (SELECT max(n.ts) FROM position_risks AS n WHERE n.account = v.account)
    AND v.logic_version = (SELECT max(n.logic_version) FROM position_risks AS n WHERE n.account = v.account AND n.ts = v.ts)
    AND EXISTS (
        SELECT FROM positions_at(now()) AS p
        WHERE (p.account, p.instrument_id, p.side, p.opened_at) = (v.account, v.instrument_id, v.side, v.opened_at)
    );
COMMENT ON VIEW position_risk IS 'Each open position at the newest instant its risk was told of: what it is worth, where it would be liquidated, what funding costs.';
COMMENT ON COLUMN position_risk.account IS 'Account (positions).';
COMMENT ON COLUMN position_risk.venue IS 'Venue.';
COMMENT ON COLUMN position_risk.symbol IS 'Unified symbol.';
COMMENT ON COLUMN position_risk.base IS 'Currency that is held.';
COMMENT ON COLUMN position_risk.quote IS 'Currency that amounts are in.';
COMMENT ON COLUMN position_risk.side IS 'long or short.';
COMMENT ON COLUMN position_risk.opened_at IS 'Which position: when it was opened.';
COMMENT ON COLUMN position_risk.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN position_risk.mark_price IS 'Price it is valued at, in quote units; null where none is stored that is new enough.';
COMMENT ON COLUMN position_risk.mark_ts IS 'When that price was so.';
COMMENT ON COLUMN position_risk.mark_source IS 'mark_price of the venue, or candle: the close of its newest minute.';
COMMENT ON COLUMN position_risk.base_size IS 'Size in base units; of inverse contracts at that price.';
COMMENT ON COLUMN position_risk.exposure IS 'What it is worth, in quote units, below 0 for shorts.';
COMMENT ON COLUMN position_risk.gain IS 'Unrealised gain, in quote units, before fees and funding.';
COMMENT ON COLUMN position_risk.liquidation_price IS 'Price at which it would be liquidated, by the venue''s formula without fees; null: see liquidation_reason.';
COMMENT ON COLUMN position_risk.liquidation_distance IS 'Part of its price that the market has to move against it until then; below 0: it is past it.';
COMMENT ON COLUMN position_risk.liquidation_reason IS 'Why there is no liquidation price, or no distance.';
COMMENT ON COLUMN position_risk.funding_rate IS 'Funding rate due next, else the last that was settled; above 0: longs pay.';
COMMENT ON COLUMN position_risk.funding_interval_hours IS 'Hours between settlements.';
COMMENT ON COLUMN position_risk.funding_per_day IS 'What funding costs a day at that rate, in quote units; below 0: it is received.';
COMMENT ON COLUMN position_risk.funding_reason IS 'Why there is no cost of funding.';
COMMENT ON COLUMN position_risk.known_at IS 'When it was known: ts, for it rests on what was known then.';
COMMENT ON COLUMN position_risk.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN position_risk.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
