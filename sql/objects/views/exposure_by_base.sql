CREATE OR REPLACE VIEW exposure_by_base AS
SELECT
    e.base, count(*) AS positions,
    coalesce(sum(e.exposure_usd) FILTER (WHERE e.side = 'long'), 0) AS long_usd,
    coalesce(-sum(e.exposure_usd) FILTER (WHERE e.side = 'short'), 0) AS short_usd,
    coalesce(sum(e.exposure_usd), 0) AS net_usd, coalesce(sum(abs(e.exposure_usd)), 0) AS gross_usd,
    sum(CASE e.side WHEN 'long' THEN e.base_size ELSE -e.base_size END) AS net_base,
    coalesce(sum(e.gain_usd), 0) AS gain_usd, count(*) FILTER (WHERE e.exposure_usd IS NULL) AS not_valued
FROM exposure AS e
GROUP BY e.base;
COMMENT ON VIEW exposure_by_base IS 'What is held of each currency now, on all venues and in all accounts.';
COMMENT ON COLUMN exposure_by_base.base IS 'Currency that is held.';
COMMENT ON COLUMN exposure_by_base.positions IS 'Positions in it.';
COMMENT ON COLUMN exposure_by_base.long_usd IS 'Longs, in dollars.';
COMMENT ON COLUMN exposure_by_base.short_usd IS 'Shorts, in dollars, above 0.';
COMMENT ON COLUMN exposure_by_base.net_usd IS 'Longs less shorts, in dollars.';
COMMENT ON COLUMN exposure_by_base.gross_usd IS 'What they are worth, whatever their side, in dollars.';
COMMENT ON COLUMN exposure_by_base.net_base IS 'Longs less shorts, in base units.';
COMMENT ON COLUMN exposure_by_base.gain_usd IS 'Unrealised gain in dollars; null for other quote currencies.';
COMMENT ON COLUMN exposure_by_base.not_valued IS 'Positions that are not in the sums: without a price, or in another currency.';
