CREATE OR REPLACE VIEW order_book_synced AS
SELECT venue, symbol, valid_from, valid_until, began_with, ended_with, seconds, run_id, instrument_id
FROM order_book_trust
WHERE state = 'synced' AND (valid_until > valid_from OR valid_until IS NULL);
COMMENT ON VIEW order_book_synced IS 'The stretches in which a book could be trusted: it was proven right all the time. By our clock.';
COMMENT ON COLUMN order_book_synced.venue IS 'Venue.';
COMMENT ON COLUMN order_book_synced.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_book_synced.valid_from IS 'Start of the stretch, by our clock.';
COMMENT ON COLUMN order_book_synced.valid_until IS 'Its end, not included; null while it goes on.';
COMMENT ON COLUMN order_book_synced.began_with IS 'Cause it began with (order_book_events).';
COMMENT ON COLUMN order_book_synced.ended_with IS 'Cause it ended with; null while it goes on.';
COMMENT ON COLUMN order_book_synced.seconds IS 'Its length so far, in seconds.';
COMMENT ON COLUMN order_book_synced.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN order_book_synced.instrument_id IS 'Key of the instrument, for joins.';
