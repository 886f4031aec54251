CREATE OR REPLACE FUNCTION futures_latest_funding() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO futures_latest AS l (instrument_id, settled_at, settled_rate, settled_interval_hours, settled_known_at)
    SELECT DISTINCT ON (f.instrument_id) f.instrument_id, f.ts, f.rate, f.interval_hours, f.known_at
    FROM fresh AS f
    JOIN (SELECT instrument_id, max(ts) AS ts FROM fresh GROUP BY instrument_id) AS newest USING (instrument_id, ts)
    ORDER BY f.instrument_id
    ON CONFLICT (instrument_id) DO UPDATE SET
        settled_at = excluded.settled_at,
        settled_rate = excluded.settled_rate, settled_interval_hours = excluded.settled_interval_hours, settled_known_at = excluded.settled_known_at
    WHERE l.settled_at IS NULL OR excluded.settled_at >= l.settled_at;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION futures_latest_funding() IS 'Keep the newest rows of funding_settlements in futures_latest.';
CREATE OR REPLACE TRIGGER futures_latest_funding_inserted AFTER INSERT ON funding_settlements
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_funding();
CREATE OR REPLACE TRIGGER futures_latest_funding_updated AFTER UPDATE ON funding_settlements
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION futures_latest_funding();
