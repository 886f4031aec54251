INSERT INTO candle_flags (instrument_id, ts, flag, score, detail, logic_version, known_at)
VALUES (%(instrument_id)s, %(ts)s, %(flag)s, %(score)s, %(detail)s, %(logic_version)s,
    %(ts)s + INTERVAL '1 minute')
