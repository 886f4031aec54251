CREATE OR REPLACE VIEW funding_spreads AS
SELECT DISTINCT ON (r.base, r.ts)
    r.base, r.ts, r.venue AS receiver_venue, r.symbol AS receiver, r.funding_annual AS receiver_annual,
    p.venue AS payer_venue, p.symbol AS payer, p.funding_annual AS payer_annual,
    r.funding_annual - p.funding_annual AS spread_annual,
    least(r.open_interest_quote, p.open_interest_quote) AS smaller_open_interest,
    r.instrument_id AS receiver_id, p.instrument_id AS payer_id
FROM leverage_snapshots AS r
JOIN leverage_snapshots AS p ON p.base = r.base AND p.ts = r.ts AND p.venue <> r.venue
WHERE r.funding_annual IS NOT NULL AND p.funding_annual IS NOT NULL
ORDER BY r.base, r.ts, r.funding_annual - p.funding_annual DESC, r.instrument_id, p.instrument_id;
COMMENT ON VIEW funding_spreads IS 'The widest spread of funding of each coin between two venues, at every hour at which two were known: short the receiver, long the payer. Before fees.';
COMMENT ON COLUMN funding_spreads.base IS 'Coin.';
COMMENT ON COLUMN funding_spreads.ts IS 'The hour: both were known then.';
COMMENT ON COLUMN funding_spreads.receiver_venue IS 'Venue where a short is paid most.';
COMMENT ON COLUMN funding_spreads.receiver IS 'Its perpetual.';
COMMENT ON COLUMN funding_spreads.receiver_annual IS 'Funding there by the year; a share.';
COMMENT ON COLUMN funding_spreads.payer_venue IS 'Venue where a long pays least, or is paid.';
COMMENT ON COLUMN funding_spreads.payer IS 'Its perpetual.';
COMMENT ON COLUMN funding_spreads.payer_annual IS 'Funding there by the year; a share.';
COMMENT ON COLUMN funding_spreads.spread_annual IS 'What both legs receive together by the year, before fees; a share of one leg.';
COMMENT ON COLUMN funding_spreads.smaller_open_interest IS 'The smaller of both open interests, in quote units.';
COMMENT ON COLUMN funding_spreads.receiver_id IS 'Key of the receiver (instruments).';
COMMENT ON COLUMN funding_spreads.payer_id IS 'Key of the payer (instruments).';
