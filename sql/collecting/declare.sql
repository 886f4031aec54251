-- A question of the poller's, as it begins to ask it or finds it switched off.
INSERT INTO collectors (collector, source, datasets, every, rank, off_because, declared_at, run_id)
VALUES (
    %(collector)s, %(source)s, %(datasets)s, %(every)s, %(rank)s, %(off_because)s, clock_timestamp(), %(run_id)s
)
ON CONFLICT (collector) DO UPDATE SET
    source = excluded.source, datasets = excluded.datasets, every = excluded.every, rank = excluded.rank,
    off_because = excluded.off_because, declared_at = excluded.declared_at, run_id = excluded.run_id
