CREATE OR REPLACE VIEW hurried AS
SELECT i.venue, i.symbol, h.ts, h.noted_at, h.volatility, h.usual, h.ratio, h.minutes, h.collectors, h.kept_waiting
FROM hurried_rounds AS h
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW hurried IS 'Collectors that were asked at once because a tracked symbol moved much more than usual: which, when and why.';
COMMENT ON COLUMN hurried.venue IS 'Venue of the symbol.';
COMMENT ON COLUMN hurried.symbol IS 'Symbol that moved.';
COMMENT ON COLUMN hurried.ts IS 'Close of the newest of the minutes that were looked at.';
COMMENT ON COLUMN hurried.noted_at IS 'When it was noticed.';
COMMENT ON COLUMN hurried.volatility IS 'Realised volatility of these minutes: root of the sum of squared logarithmic returns.';
COMMENT ON COLUMN hurried.usual IS 'Median of the same over the last day.';
COMMENT ON COLUMN hurried.ratio IS 'volatility by usual.';
COMMENT ON COLUMN hurried.minutes IS 'How many minutes were looked at.';
COMMENT ON COLUMN hurried.collectors IS 'Who was asked at once.';
COMMENT ON COLUMN hurried.kept_waiting IS 'Who was not, with the reason.';
