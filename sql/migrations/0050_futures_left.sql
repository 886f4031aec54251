-- A third venue of futures: OKX, whose swaps are told of over REST; and how long the rows of each minute are kept;
-- who told the dominance beside the regime of the market.

INSERT INTO venues (venue, fetched, description) VALUES ('okx', true, 'OKX perpetual swaps, linear and inverse')
ON CONFLICT (venue) DO UPDATE SET fetched = excluded.fetched,
    description = coalesce(nullif(venues.description, ''), excluded.description);

-- Rows of a minute are the bulk of what futures say: 430,000 a day and table for 300 symbols. Mark prices have no history
-- that could bring them back; of open interest five years are as much as Binance's archives hold.
DO $retention$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM add_retention_policy('mark_price_readings', INTERVAL '400 days', if_not_exists => true);
        PERFORM add_retention_policy('open_interest_readings', INTERVAL '1826 days', if_not_exists => true);
    ELSE
        CREATE INDEX IF NOT EXISTS mark_price_readings_by_time ON mark_price_readings USING brin (ts);
        CREATE INDEX IF NOT EXISTS open_interest_readings_by_time ON open_interest_readings USING brin (ts);
    END IF;
END $retention$;

ALTER TABLE market_regimes_overall ADD COLUMN IF NOT EXISTS dominance_provider text;
COMMENT ON COLUMN market_regimes_overall.dominance_provider IS 'Who told btc_dominance: coingecko, or coinmarketcap where coingecko had told nothing. Null where nobody had.';
COMMENT ON COLUMN market_regimes_overall.btc_dominance IS 'Share of Bitcoin in the total of dominance_provider, in per cent: the newest that was known at the close of the bar, at most three days old. Null where none was known, and in rows from before market metrics were read for it.';
