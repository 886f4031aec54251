-- Take a key back, by its name or number.
UPDATE platform.api_keys SET revoked_at = now()
WHERE (lower(name) = lower(%(which)s) OR key_id::text = %(which)s) AND revoked_at IS NULL
RETURNING key_id, name
