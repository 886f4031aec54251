-- Keys that are taken now, with what proves their tokens.
SELECT key_id, name, token_sha256, scopes, requests_per_minute, expires_at
FROM platform.api_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
