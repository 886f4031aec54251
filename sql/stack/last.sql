-- The stack that has the lock, or had it last.
SELECT program, host, pid, home, started_at, seen_at, ended_at FROM alphapulse_stack
