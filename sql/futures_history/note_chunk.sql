INSERT INTO import_futures_chunks (import_id, instrument_id, received_at, first_ts, last_ts, inserted, changed)
VALUES (%(import_id)s, %(instrument_id)s, %(received_at)s, %(first_ts)s, %(last_ts)s, %(inserted)s, %(changed)s)
