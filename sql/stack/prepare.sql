-- Who has the stack's lock, or had it last, in Dagster's database. For the holder of the lock only.
CREATE TABLE IF NOT EXISTS alphapulse_stack (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    program text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    home text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE alphapulse_stack IS
'The AlphaPulse stack that runs on this database, or ran last: its session holds an advisory lock.';
COMMENT ON COLUMN alphapulse_stack.single IS 'There is one row.';
COMMENT ON COLUMN alphapulse_stack.program IS 'The command that holds the lock.';
COMMENT ON COLUMN alphapulse_stack.host IS 'Machine it runs on.';
COMMENT ON COLUMN alphapulse_stack.pid IS 'Its process there.';
COMMENT ON COLUMN alphapulse_stack.home IS 'Its ALPHAPULSE_HOME.';
COMMENT ON COLUMN alphapulse_stack.started_at IS 'When it took the lock.';
COMMENT ON COLUMN alphapulse_stack.seen_at IS 'Its last sign of life.';
COMMENT ON COLUMN alphapulse_stack.ended_at IS 'When it gave the lock back; null while it runs, or where it was killed.';
