-- The stack gives the lock back.
UPDATE alphapulse_stack SET seen_at = now(), ended_at = now() WHERE host = %(host)s AND pid = %(pid)s
