-- Posts of social networks: what was removed, what their reading cost, and the key by which authors are hashed.

ALTER TABLE social_posts ADD COLUMN IF NOT EXISTS checked_at timestamptz;
COMMENT ON COLUMN social_posts.checked_at IS 'When its provider was last asked whether it is still there; null: not asked since it was first seen.';
CREATE INDEX IF NOT EXISTS social_posts_to_check ON social_posts (provider, coalesce(checked_at, ts))
WHERE deleted_at IS NULL AND forgotten_at IS NULL;
CREATE INDEX IF NOT EXISTS social_posts_with_text ON social_posts (ts)
WHERE deleted_at IS NULL AND forgotten_at IS NULL;
CREATE INDEX IF NOT EXISTS social_posts_by_source ON social_posts (provider, lower(source), ts);

CREATE TABLE IF NOT EXISTS social_removals (
    text_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('deleted', 'removed', 'unavailable', 'author', 'forgotten')),
    ts timestamptz NOT NULL,
    provider text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (text_id, reason)
);
COMMENT ON TABLE social_removals IS 'What was emptied of posts, when and why. A row here empties its post in social_posts, in the same transaction and for good.';
COMMENT ON COLUMN social_removals.text_id IS 'The post (social_posts).';
COMMENT ON COLUMN social_removals.reason IS 'deleted: by its author; removed: by moderators or the network; unavailable: not to be had any more, such as of a closed account; author: the account is gone and the post stays; forgotten: older than texts are kept.';
COMMENT ON COLUMN social_removals.ts IS 'When it was noticed, and emptied here.';
COMMENT ON COLUMN social_removals.provider IS 'reddit, x.';
COMMENT ON COLUMN social_removals.known_at IS 'The same as ts.';
CREATE INDEX IF NOT EXISTS social_removals_by_time ON social_removals (ts);

CREATE TABLE IF NOT EXISTS social_spending (
    provider text NOT NULL,
    day date NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('search', 'lookup')),
    posts bigint NOT NULL CHECK (posts >= 0),
    requests bigint NOT NULL CHECK (requests >= 0),
    PRIMARY KEY (provider, day, purpose)
);
COMMENT ON TABLE social_spending IS 'Posts that were paid for, by day, of providers that take money for each: what budgets are held against.';
COMMENT ON COLUMN social_spending.provider IS 'Who is paid: x.';
COMMENT ON COLUMN social_spending.day IS 'Day (UTC).';
COMMENT ON COLUMN social_spending.purpose IS 'search: new posts; lookup: whether known ones are still there.';
COMMENT ON COLUMN social_spending.posts IS 'Posts that it answered with; those of a request that is under way count as if all came that were asked for.';
COMMENT ON COLUMN social_spending.requests IS 'Requests that it took.';

CREATE TABLE IF NOT EXISTS platform.author_salt (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE platform.author_salt IS 'Key by which authors of posts are hashed, made at the first post. Analysts cannot read this schema. Deleting the row makes authors of before and after it different people.';
COMMENT ON COLUMN platform.author_salt.only_one IS 'There is one row.';
COMMENT ON COLUMN platform.author_salt.salt IS '32 random bytes.';
COMMENT ON COLUMN platform.author_salt.made_at IS 'When it was made.';
