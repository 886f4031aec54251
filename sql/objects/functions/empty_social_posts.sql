CREATE OR REPLACE FUNCTION empty_social_posts() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM platform.lock_writers('social_posts', ARRAY[0]);
    UPDATE social_posts AS p SET
        deleted_at = CASE WHEN r.is_deleted THEN r.ts END,
        forgotten_at = CASE WHEN r.is_forgotten THEN r.ts END,
        author_hash = CASE WHEN r.without_author THEN NULL ELSE p.author_hash END
    FROM (
        SELECT f.text_id, min(f.ts) AS ts, bool_or(f.reason = 'forgotten') AS is_forgotten,
            bool_or(f.reason IN ('deleted', 'removed', 'unavailable')) AS is_deleted,
            bool_or(f.reason <> 'forgotten') AS without_author
        FROM fresh AS f
        GROUP BY f.text_id
    ) AS r
    WHERE p.text_id = r.text_id;
    UPDATE text_links AS l SET mention = l.coin FROM fresh AS f WHERE l.text_id = f.text_id AND f.reason <> 'author';
    DELETE FROM quarantine AS q USING fresh AS f
    WHERE q.dataset = 'social_posts' AND q.payload ->> 'text_id' = f.text_id::text;
    UPDATE market_alerts AS a SET
        title = split_part(a.title, ': ', 1) || ': a story whose text is no longer kept',
        detail = a.detail || '{"url": ""}'
    FROM fresh AS f
    WHERE a.kind = 'story_cluster' AND a.reference = f.text_id::text AND f.reason <> 'author';
    RETURN NULL;
END $$;
COMMENT ON FUNCTION empty_social_posts() IS 'Trigger of social_removals: empties posts that were deleted, removed, or are older than texts are kept.';
CREATE OR REPLACE TRIGGER empty_social_posts AFTER INSERT ON social_removals
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION empty_social_posts();
