-- A new key; its token is known to whoever made it.
INSERT INTO platform.api_keys (name, token_sha256, scopes, requests_per_minute, expires_at)
VALUES (%(name)s, %(token_sha256)s, %(scopes)s, %(requests_per_minute)s, %(expires_at)s)
RETURNING key_id
