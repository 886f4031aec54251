CREATE OR REPLACE FUNCTION clocks_of_venues() RETURNS TABLE (venue text, ahead_seconds double precision)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF to_regclass('venue_clocks') IS NOT NULL THEN
        RETURN QUERY EXECUTE $query$
            SELECT DISTINCT ON (c.venue) c.venue, c.ahead_seconds
            FROM venue_clocks AS c WHERE c.measured_at > clock_timestamp() - INTERVAL '5 minutes'
            ORDER BY c.venue, abs(c.ahead_seconds) DESC
        $query$;
    END IF;
END $function$;
COMMENT ON FUNCTION clocks_of_venues() IS 'Seconds that our clock is ahead of each venue''s, as streams measured it in the last minutes; the largest of the shards.';
