CREATE OR REPLACE FUNCTION keep_social_post() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.ts := OLD.ts;
    NEW.known_at := OLD.known_at;
    NEW.source := OLD.source;
    NEW.published := OLD.published;
    NEW.published_note := OLD.published_note;
    NEW.title := OLD.title;
    NEW.body := OLD.body;
    NEW.url := OLD.url;
    NEW.author_hash := CASE WHEN NEW.author_hash IS NOT NULL THEN OLD.author_hash END;
    NEW.deleted_at := coalesce(OLD.deleted_at, NEW.deleted_at);
    NEW.forgotten_at := coalesce(OLD.forgotten_at, NEW.forgotten_at);
    IF coalesce(NEW.deleted_at, NEW.forgotten_at) IS NOT NULL THEN
        NEW.title := NULL;
        NEW.body := NULL;
        NEW.url := NULL;
    END IF;
    IF NEW.deleted_at IS NOT NULL THEN
        NEW.author_hash := NULL;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_social_post() IS 'Trigger of social_posts: a post stays as it was first seen, and what was emptied stays empty, whoever repeats it.';
CREATE OR REPLACE TRIGGER keep_social_post BEFORE UPDATE ON social_posts
    FOR EACH ROW EXECUTE FUNCTION keep_social_post();
