-- All keys, those that are taken first.
SELECT key_id, name, scopes, requests_per_minute, created_at, expires_at, revoked_at, last_used_at,
    CASE
        WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid'
    END AS state
FROM platform.api_keys
ORDER BY revoked_at IS NOT NULL, coalesce(expires_at <= now(), false), lower(name), key_id
