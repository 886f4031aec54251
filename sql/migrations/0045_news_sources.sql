-- Where news come from: how far each source was read, and who else told the same article.

CREATE TABLE IF NOT EXISTS news_feeds (
    feed text PRIMARY KEY,
    ts timestamptz NOT NULL,
    url text NOT NULL,
    etag text,
    last_modified text,
    items integer NOT NULL,
    newest_published timestamptz,
    newest_at timestamptz NOT NULL,
    reached timestamptz,
    note text,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE news_feeds IS 'How far each source of news was read: one row a source, its latest full answer.';
COMMENT ON COLUMN news_feeds.feed IS 'The source: domain of an outlet''s feed, gdelt, newsapi; of a feed of one''s own its host and path.';
COMMENT ON COLUMN news_feeds.ts IS 'When it last answered in full. An answer that nothing has changed leaves this row as it is.';
COMMENT ON COLUMN news_feeds.url IS 'Where it is asked: host and path.';
COMMENT ON COLUMN news_feeds.etag IS 'Its name of that answer (ETag), which is sent along so that the same is not sent again; null where it has none.';
COMMENT ON COLUMN news_feeds.last_modified IS 'The same by time (Last-Modified), as it was told.';
COMMENT ON COLUMN news_feeds.items IS 'Items of that answer.';
COMMENT ON COLUMN news_feeds.newest_published IS 'The latest time of publication among them that is believed; null where none is.';
COMMENT ON COLUMN news_feeds.newest_at IS 'When it last brought an article that was not known: a source that answers and stands still is told by this.';
COMMENT ON COLUMN news_feeds.reached IS 'Of sources that are asked for a window of time: to where the last answer goes; null of feeds.';
COMMENT ON COLUMN news_feeds.note IS 'What was odd about that answer, such as that it was cut short; null where nothing was.';
COMMENT ON COLUMN news_feeds.known_at IS 'The same as ts.';
COMMENT ON COLUMN news_feeds.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS news_sightings (
    text_id bigint NOT NULL,
    feed text NOT NULL,
    title text NOT NULL,
    ts timestamptz NOT NULL,
    published timestamptz,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (text_id, feed, title)
);
COMMENT ON TABLE news_sightings IS 'Who told an article, when first, and under which headline: a headline that was changed later is a further row.';
COMMENT ON COLUMN news_sightings.text_id IS 'The article (news_events).';
COMMENT ON COLUMN news_sightings.feed IS 'Who told it (news_feeds).';
COMMENT ON COLUMN news_sightings.title IS 'The headline as this source told it, as plain text.';
COMMENT ON COLUMN news_sightings.ts IS 'When it was first seen so.';
COMMENT ON COLUMN news_sightings.published IS 'When it was published, as this source says; null where that is not told or not believed.';
COMMENT ON COLUMN news_sightings.known_at IS 'The same as ts.';
COMMENT ON COLUMN news_sightings.created_at IS 'When it was written.';
CREATE INDEX IF NOT EXISTS news_sightings_by_time ON news_sightings (ts);
