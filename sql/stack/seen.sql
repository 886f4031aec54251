-- A sign of life of the stack that has the lock.
UPDATE alphapulse_stack SET seen_at = now() WHERE host = %(host)s AND pid = %(pid)s AND ended_at IS NULL
