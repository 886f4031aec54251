CREATE OR REPLACE VIEW exposure_by_symbol AS
SELECT
    e.venue, e.symbol, e.base, count(*) AS positions,
    coalesce(sum(e.exposure_usd) FILTER (WHERE e.side = 'long'), 0) AS long_usd,
    coalesce(-sum(e.exposure_usd) FILTER (WHERE e.side = 'short'), 0) AS short_usd,
    coalesce(sum(e.exposure_usd), 0) AS net_usd, coalesce(sum(abs(e.exposure_usd)), 0) AS gross_usd,
    coalesce(sum(e.gain_usd), 0) AS gain_usd, count(*) FILTER (WHERE e.exposure_usd IS NULL) AS not_valued
FROM exposure AS e
GROUP BY e.venue, e.symbol, e.base;
COMMENT ON VIEW exposure_by_symbol IS 'What is held of each symbol now, all accounts together.';
COMMENT ON COLUMN exposure_by_symbol.venue IS 'Venue.';
COMMENT ON COLUMN exposure_by_symbol.symbol IS 'Unified symbol.';
COMMENT ON COLUMN exposure_by_symbol.base IS 'Currency that is held.';
COMMENT ON COLUMN exposure_by_symbol.positions IS 'Positions in it.';
COMMENT ON COLUMN exposure_by_symbol.long_usd IS 'Longs, in dollars.';
COMMENT ON COLUMN exposure_by_symbol.short_usd IS 'Shorts, in dollars, above 0.';
COMMENT ON COLUMN exposure_by_symbol.net_usd IS 'Longs less shorts, in dollars.';
COMMENT ON COLUMN exposure_by_symbol.gross_usd IS 'What they are worth, whatever their side, in dollars.';
COMMENT ON COLUMN exposure_by_symbol.gain_usd IS 'Unrealised gain in dollars; null for other quote currencies.';
COMMENT ON COLUMN exposure_by_symbol.not_valued IS 'Positions that are not in the sums: without a price, or in another currency.';
