-- When the minutes of instruments begin: the first that is stored, or that their history is to have.
SELECT i.instrument_id, least(i.history_start, (
    SELECT c.ts FROM ohlcv_1m AS c WHERE c.instrument_id = i.instrument_id ORDER BY c.ts LIMIT 1
)) AS minutes_from
FROM instruments AS i
WHERE i.instrument_id = ANY (%(ids)s)
