-- Note the hour in which keys were used, each hour once.
UPDATE platform.api_keys SET last_used_at = date_trunc('hour', now(), 'UTC')
WHERE key_id = ANY (%(key_ids)s) AND last_used_at IS DISTINCT FROM date_trunc('hour', now(), 'UTC')
