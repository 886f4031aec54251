-- Signals rest on sentiment too: it is taken as known two hours after its hour. What comes or changes later than that makes
-- the days from then on due; what comes in time is read by whoever computes them.
CREATE OR REPLACE FUNCTION sentiment_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO derived_dirty (dataset, instrument_id, day)
    SELECT DISTINCT 'signals', i.instrument_id, ((c.known_at + INTERVAL '2 hours') AT TIME ZONE 'UTC')::date
    FROM changed AS c
    JOIN instruments AS i ON i.base = c.coin AND i.tracked
    WHERE c.hours = 24 AND c.known_at < clock_timestamp() - INTERVAL '2 hours'
        AND c.known_at > clock_timestamp() - INTERVAL '1094 days'  -- what is no longer kept makes nothing due
    ORDER BY 2, 3
    ON CONFLICT (dataset, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION sentiment_changed() IS
    'Note that sentiment which was taken as known already is another now, so that signals are computed anew.';
CREATE OR REPLACE TRIGGER sentiment_inserted AFTER INSERT ON sentiment_aggregate_hours
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sentiment_changed();
CREATE OR REPLACE TRIGGER sentiment_updated AFTER UPDATE ON sentiment_aggregate_hours
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sentiment_changed();
CREATE OR REPLACE TRIGGER sentiment_deleted AFTER DELETE ON sentiment_aggregate_hours
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sentiment_changed();
