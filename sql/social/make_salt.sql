-- Keep a key by which authors are hashed, unless another process was faster.
INSERT INTO platform.author_salt (salt) VALUES (%(salt)s) ON CONFLICT DO NOTHING
