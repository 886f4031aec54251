CREATE OR REPLACE FUNCTION futures_latest_prices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO futures_latest AS l (instrument_id, priced_at, mark_price, index_price, last_price, funding_rate, next_funding_at, interval_hours, prices_known_at)
    SELECT DISTINCT ON (f.instrument_id) f.instrument_id, f.ts, f.mark_price, f.index_price, f.last_price, f.funding_rate, f.next_funding_at, f.interval_hours, f.known_at
    FROM fresh AS f
    JOIN (SELECT instrument_id, max(ts) AS ts FROM fresh GROUP BY instrument_id) AS newest USING (instrument_id, ts)
    ORDER BY f.instrument_id
    ON CONFLICT (instrument_id) DO UPDATE SET
        priced_at = excluded.priced_at,
        mark_price = excluded.mark_price, index_price = excluded.index_price, last_price = excluded.last_price,
        funding_rate = excluded.funding_rate, next_funding_at = excluded.next_funding_at, interval_hours = excluded.interval_hours,
        prices_known_at = excluded.prices_known_at
    WHERE l.priced_at IS NULL OR excluded.priced_at >= l.priced_at;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION futures_latest_prices() IS 'Keep the newest rows of mark_price_readings in futures_latest.';
CREATE OR REPLACE TRIGGER futures_latest_prices_inserted AFTER INSERT ON mark_price_readings
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_prices();
CREATE OR REPLACE TRIGGER futures_latest_prices_updated AFTER UPDATE ON mark_price_readings
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_prices();
