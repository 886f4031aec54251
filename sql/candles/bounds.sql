-- First and newest candle of an instrument; nothing before the first one is a gap.
SELECT
    (SELECT ts FROM ohlcv_1m WHERE instrument_id = %(instrument_id)s ORDER BY ts LIMIT 1) AS first,
    (SELECT ts FROM ohlcv_1m WHERE instrument_id = %(instrument_id)s ORDER BY ts DESC LIMIT 1) AS newest
