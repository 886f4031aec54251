CREATE OR REPLACE FUNCTION fear_greed_as_of(at timestamptz)
RETURNS TABLE (
    provider text, ts timestamptz, value smallint, classification text, known_at timestamptz, revision smallint
)
LANGUAGE sql STABLE AS $function$
    SELECT DISTINCT ON (f.provider, f.ts) f.provider, f.ts, f.value, f.classification, f.known_at, f.revision
    FROM fear_greed_vintages AS f
    WHERE f.known_at <= fear_greed_as_of.at
    ORDER BY f.provider, f.ts, f.revision DESC
$function$;
COMMENT ON FUNCTION fear_greed_as_of IS 'Fear and greed index by day as we knew it at a time: days we had by then, in the revision of then.';
