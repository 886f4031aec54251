-- A stack has taken the lock.
INSERT INTO alphapulse_stack (program, host, pid, home, started_at, seen_at)
VALUES (%(program)s, %(host)s, %(pid)s, %(home)s, now(), now())
ON CONFLICT (single) DO UPDATE SET
    program = excluded.program, host = excluded.host, pid = excluded.pid, home = excluded.home,
    started_at = excluded.started_at, seen_at = excluded.seen_at, ended_at = NULL
