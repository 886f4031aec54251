CREATE OR REPLACE VIEW volatility_index AS
SELECT provider, series AS currency, ts, open, high, low, close, known_at, received_at
FROM volatility_index_candles;
COMMENT ON VIEW volatility_index IS 'Hours of volatility indexes: what options say of the volatility of the next thirty days, in percent.';
COMMENT ON COLUMN volatility_index.provider IS 'Whose index it is.';
COMMENT ON COLUMN volatility_index.currency IS 'Currency that it is about.';
COMMENT ON COLUMN volatility_index.ts IS 'Start of the hour.';
COMMENT ON COLUMN volatility_index.open IS 'Index at the start of the hour: volatility of a year, in percent.';
COMMENT ON COLUMN volatility_index.high IS 'Highest index of the hour.';
COMMENT ON COLUMN volatility_index.low IS 'Lowest index of the hour.';
COMMENT ON COLUMN volatility_index.close IS 'Index at the end of the hour.';
COMMENT ON COLUMN volatility_index.known_at IS 'When it could first be known: the end of the hour.';
COMMENT ON COLUMN volatility_index.received_at IS 'When the present values came.';
