-- The key by which authors are hashed.
SELECT salt FROM platform.author_salt
