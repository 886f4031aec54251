-- Keys of the API. In the schema that analysts cannot read; of a token only what proves it is kept.
CREATE TABLE IF NOT EXISTS platform.api_keys (
    key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    scopes text [] NOT NULL CHECK (
        scopes <@ ARRAY['read', 'write:alerts', 'write:watchlists', 'admin'] AND cardinality(scopes) > 0
    ),
    requests_per_minute integer CHECK (requests_per_minute > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_keys_name EXCLUDE (lower(name) WITH =) WHERE (revoked_at IS NULL)
);
COMMENT ON TABLE platform.api_keys IS 'Who may ask the API from elsewhere, and what. Analysts cannot read this schema.';
COMMENT ON COLUMN platform.api_keys.key_id IS 'Number of the key.';
COMMENT ON COLUMN platform.api_keys.name IS 'Whose it is or what it is for; of those not revoked each has a name of its own.';
COMMENT ON COLUMN platform.api_keys.token_sha256 IS 'SHA-256 of the token, which is 256 random bits and was shown once.';
COMMENT ON COLUMN platform.api_keys.scopes IS 'What it may: read, write:alerts, write:watchlists, admin (all).';
COMMENT ON COLUMN platform.api_keys.requests_per_minute IS 'Its own rate limit; null: that of the settings.';
COMMENT ON COLUMN platform.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN platform.api_keys.expires_at IS 'From when on it is not taken any more; null: never.';
COMMENT ON COLUMN platform.api_keys.revoked_at IS 'When it was revoked; null: it was not.';
COMMENT ON COLUMN platform.api_keys.last_used_at IS 'Hour in which it was last used.';
