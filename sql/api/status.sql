-- How the data stand: a row.
SELECT now() AS ts,
    (SELECT count(*) FROM instruments WHERE tracked) AS tracked_symbols,
    (SELECT max(newest) FROM freshness) AS newest_candle,
    (SELECT count(*) FROM freshness WHERE age_seconds > 180) AS stale_symbols,
    (SELECT count(*) FROM gap_ledger WHERE state = 'detected' AND dataset = 'ohlcv_1m') AS open_candle_gaps,
    (SELECT count(*) FROM stream_health WHERE alive) AS living_streams,
    (SELECT count(*) FROM stream_status WHERE trusted) AS trusted_books,
    (SELECT count(*) FROM stream_status) AS books,
    (SELECT count(*) FROM alerts_of_platform WHERE open) AS open_platform_alerts
