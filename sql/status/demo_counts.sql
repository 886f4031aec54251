-- What the demo's last words tell of: books, patterns, signals, and what is collected beside candles.
SELECT
    (SELECT count(*) FROM ohlcv_1m) AS candles,
    (SELECT count(*) FROM gap_ledger) AS gaps,
    (SELECT count(*) FROM gap_ledger WHERE state = 'repaired') AS repaired,
    (SELECT count(*) FROM order_book_status) AS books,
    (SELECT count(*) FROM order_book_status WHERE state = 'synced') AS synced,
    (SELECT count(*) FROM candlestick_pattern_events) + (SELECT count(*) FROM chart_pattern_events)
    + (SELECT count(*) FROM volume_pattern_events) AS patterns,
    (SELECT count(*) FROM signal_events) AS signals,
    (SELECT count(*) FROM pattern_performance_stats) AS judged,
    (SELECT count(*) FROM open_interest_readings) + (SELECT count(*) FROM funding_settlements)
    + (SELECT count(*) FROM option_quotes) AS derivatives,
    (SELECT count(*) FROM news_events) + (SELECT count(*) FROM social_posts) AS texts
