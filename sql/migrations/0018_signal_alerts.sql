-- Strong signals are told as alerts are: to the same table and the same sinks.

ALTER TABLE order_book_alerts DROP CONSTRAINT IF EXISTS order_book_alerts_kind_check;
ALTER TABLE order_book_alerts ADD CONSTRAINT order_book_alerts_kind_check
    CHECK (kind IN ('imbalance', 'whale', 'sweep', 'book_stale', 'signal'));
COMMENT ON TABLE order_book_alerts IS 'What was worth telling somebody, of order books and of signals. The view alerts shows names, and what became of the telling.';
COMMENT ON COLUMN order_book_alerts.ts IS 'When it happened: the venue''s clock for what the venue told, ours for book_stale; of a signal the close of its bar.';
COMMENT ON COLUMN order_book_alerts.kind IS 'imbalance, whale, sweep, book_stale or signal.';
COMMENT ON COLUMN order_book_alerts.reference IS 'Tells alerts of one kind and moment apart: of a signal the timeframe; empty where there can be one only.';
COMMENT ON COLUMN alerts.ts IS 'When it happened: the venue''s clock for what the venue told, ours for book_stale; of a signal the close of its bar.';
COMMENT ON COLUMN alerts.kind IS 'imbalance, whale, sweep, book_stale or signal.';
COMMENT ON COLUMN alerts.reference IS 'Tells alerts of one kind and moment apart: of a signal the timeframe; empty where there can be one only.';
