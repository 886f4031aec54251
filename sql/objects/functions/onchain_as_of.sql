CREATE OR REPLACE FUNCTION onchain_as_of(at timestamptz)
RETURNS TABLE (
    provider text, coin text, metric text, sampled text, ts timestamptz, value double precision, unit text,
    known_at timestamptz, revision smallint
)
LANGUAGE sql STABLE AS $function$
    SELECT DISTINCT ON (f.provider, f.coin, f.metric, f.sampled, f.ts) f.provider, f.coin, f.metric, f.sampled, f.ts,
        f.value, f.unit, f.known_at, f.revision
    FROM onchain_vintages AS f
    WHERE f.known_at <= onchain_as_of.at
    ORDER BY f.provider, f.coin, f.metric, f.sampled, f.ts, f.revision DESC
$function$;
COMMENT ON FUNCTION onchain_as_of IS 'What chains tell as we knew it at a time: figures we had by then, in the revision of then.';
