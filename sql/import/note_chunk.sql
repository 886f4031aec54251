INSERT INTO import_chunks (import_id, received_at, instrument_id, timeframe_id, first_ts, last_ts, inserted, changed)
VALUES (%(import_id)s, %(received_at)s, %(instrument_id)s, %(timeframe_id)s, %(first_ts)s, %(last_ts)s, %(inserted)s,
    %(changed)s)
