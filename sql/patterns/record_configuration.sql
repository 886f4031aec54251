-- Keep what a version of the configuration says, and tell what it says: once it was used it never changes.
WITH added AS (
    INSERT INTO pattern_configurations (version, configuration)
    VALUES (%(version)s, %(configuration)s)
    ON CONFLICT (version) DO NOTHING
    RETURNING configuration
)
SELECT configuration FROM added
UNION ALL
SELECT configuration FROM pattern_configurations WHERE version = %(version)s
