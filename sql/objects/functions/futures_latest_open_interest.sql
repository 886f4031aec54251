CREATE OR REPLACE FUNCTION futures_latest_open_interest() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO futures_latest AS l (instrument_id, open_interest_at, contracts, base_amount, quote_value, settle_value, open_interest_known_at)
    SELECT DISTINCT ON (f.instrument_id) f.instrument_id, f.ts, f.contracts, f.base_amount, f.quote_value, f.settle_value, f.known_at
    FROM fresh AS f
    JOIN (SELECT instrument_id, max(ts) AS ts FROM fresh GROUP BY instrument_id) AS newest USING (instrument_id, ts)
    ORDER BY f.instrument_id
    ON CONFLICT (instrument_id) DO UPDATE SET
        open_interest_at = excluded.open_interest_at,
        contracts = excluded.contracts, base_amount = excluded.base_amount, quote_value = excluded.quote_value,
        settle_value = excluded.settle_value, open_interest_known_at = excluded.open_interest_known_at
    WHERE l.open_interest_at IS NULL OR excluded.open_interest_at >= l.open_interest_at;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION futures_latest_open_interest() IS 'Keep the newest rows of open_interest_readings in futures_latest.';
CREATE OR REPLACE TRIGGER futures_latest_open_interest_inserted AFTER INSERT ON open_interest_readings
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_open_interest();
CREATE OR REPLACE TRIGGER futures_latest_open_interest_updated AFTER UPDATE ON open_interest_readings
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_open_interest();
