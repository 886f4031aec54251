-- What the database remembers of its views and functions, each of which is a file in sql/objects: what differs from
-- its file is applied again.

CREATE TABLE IF NOT EXISTS platform.schema_objects (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE platform.schema_objects IS 'Views and functions as they were last applied from their files.';
COMMENT ON COLUMN platform.schema_objects.name IS 'View or function; with its schema where that is not public.';
COMMENT ON COLUMN platform.schema_objects.checksum IS 'SHA-256 of the file it was made by.';
COMMENT ON COLUMN platform.schema_objects.digest IS 'Digest of what the database made of it: where that is another now, somebody changed it.';
COMMENT ON COLUMN platform.schema_objects.applied_at IS 'When.';
