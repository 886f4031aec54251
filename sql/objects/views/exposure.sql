CREATE OR REPLACE VIEW exposure AS
SELECT
    p.account, p.venue, p.symbol, p.base, p.quote, p.settle, p.side, p.entry_price, p.leverage, p.opened_at, m.price,
    m.ts AS price_ts, m.source AS price_source, w.worth / m.price AS base_size, d.sign * w.worth AS exposure,
    d.sign * CASE WHEN d.inverse THEN w.entry_worth * (1 / p.entry_price - 1 / m.price) * m.price
        ELSE w.worth - w.entry_worth END AS gain,
    CASE WHEN d.dollars THEN d.sign * w.worth END AS exposure_usd,
    CASE WHEN d.dollars THEN d.sign END * CASE
        WHEN d.inverse THEN w.entry_worth * (1 / p.entry_price - 1 / m.price) * m.price
        ELSE w.worth - w.entry_worth
    END AS gain_usd,
    p.instrument_id
FROM positions_open AS p
LEFT JOIN LATERAL price_at(p.instrument_id, now()) AS m ON true
CROSS JOIN LATERAL (
    SELECT CASE p.side WHEN 'long' THEN 1 ELSE -1 END AS sign,
        coalesce(p.settle = p.base AND p.settle <> p.quote, false) AS inverse,
        p.quote IN ('USD', 'USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USDP', 'DAI', 'USDE', 'PYUSD') AS dollars
) AS d
CROSS JOIN LATERAL (
    SELECT CASE
            WHEN p.size_unit = 'base' THEN p.size * m.price
            WHEN d.inverse THEN p.size * p.contract_size
            ELSE p.size * p.contract_size * m.price
        END AS worth,
        CASE
            WHEN p.size_unit = 'base' THEN p.size * p.entry_price
            WHEN d.inverse THEN p.size * p.contract_size
            ELSE p.size * p.contract_size * p.entry_price
        END AS entry_worth
) AS w;
COMMENT ON VIEW exposure IS 'What each open position is worth and gains now, by the newest price.';
COMMENT ON COLUMN exposure.account IS 'Account.';
COMMENT ON COLUMN exposure.venue IS 'Venue.';
COMMENT ON COLUMN exposure.symbol IS 'Unified symbol.';
COMMENT ON COLUMN exposure.base IS 'Currency that is held.';
COMMENT ON COLUMN exposure.quote IS 'Currency that prices are in.';
COMMENT ON COLUMN exposure.settle IS 'Currency it settles in; null for spot.';
COMMENT ON COLUMN exposure.side IS 'long or short.';
COMMENT ON COLUMN exposure.entry_price IS 'Mean price it was opened at, in quote units.';
COMMENT ON COLUMN exposure.leverage IS 'Worth over margin at the entry; null where not known or nothing is borrowed.';
COMMENT ON COLUMN exposure.opened_at IS 'When it was opened.';
COMMENT ON COLUMN exposure.price IS 'Price it is valued at, in quote units (price_at); null where none is new enough.';
COMMENT ON COLUMN exposure.price_ts IS 'When that price was so.';
COMMENT ON COLUMN exposure.price_source IS 'mark_price or candle.';
COMMENT ON COLUMN exposure.base_size IS 'Size in base units; of inverse contracts at that price.';
COMMENT ON COLUMN exposure.exposure IS 'What it is worth, in quote units, below 0 for shorts.';
COMMENT ON COLUMN exposure.gain IS 'Unrealised gain, in quote units, before fees and funding.';
COMMENT ON COLUMN exposure.exposure_usd IS 'The same in dollars, stablecoins of the dollar counting as one; null for other quote currencies.';
COMMENT ON COLUMN exposure.gain_usd IS 'Unrealised gain in dollars; null for other quote currencies.';
COMMENT ON COLUMN exposure.instrument_id IS 'Key of the instrument, for joins.';
