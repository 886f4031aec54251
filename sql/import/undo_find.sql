-- What an import's candles of an instrument and timeframe become when it is undone: for each that is still its own, what
-- was there before, or nothing. table is where they are, timeframe a condition on it.
-- Before an import means: the newest revision that neither it nor an import undone since had brought, not older than the
-- first of those that did (a candle that was removed and came again has revisions that are nobody's predecessor).
-- Revisions and candles are told apart by received_at: it is another one in each of an import's transactions.
CREATE TEMPORARY TABLE undo_rows ON COMMIT DROP AS
WITH own AS (
    SELECT received_at, first_ts, last_ts, import_id = %(import_id)s AS this
    FROM import_chunks AS c
    JOIN imports AS i USING (import_id)
    WHERE c.instrument_id = %(instrument_id)s AND c.timeframe_id = %(timeframe_id)s
        AND (import_id = %(import_id)s OR i.undone_at IS NOT NULL)
), mine AS (
    SELECT o.ts, o.received_at
    FROM {table} AS o
    JOIN own AS c ON o.received_at = c.received_at AND c.this
    WHERE o.instrument_id = %(instrument_id)s AND {timeframe} AND o.source_id = %(source_id)s
        AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s
), revised AS (
    SELECT r.*, r.source_id = %(source_id)s AND EXISTS (
        SELECT FROM own AS c WHERE c.received_at = r.received_at) AS undone, m.received_at AS wrote
    FROM ohlcv_revisions AS r
    JOIN mine AS m USING (ts)
    WHERE r.instrument_id = %(instrument_id)s AND r.timeframe_id = %(timeframe_id)s
        AND r.ts >= %(first_ts)s AND r.ts <= %(last_ts)s
), since AS (
    SELECT ts, least(min(wrote), min(received_at) FILTER (WHERE undone)) AS since FROM revised GROUP BY ts
), before AS (
    SELECT DISTINCT ON (r.ts) r.*
    FROM revised AS r
    JOIN since AS s USING (ts)
    WHERE NOT r.undone AND r.revised_at >= s.since
    ORDER BY r.ts, r.revised_at DESC
)
SELECT m.ts, b.ts IS NOT NULL AS replaced, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.taker_buy_volume, b.source_id, b.received_at
FROM mine AS m
LEFT JOIN before AS b USING (ts)
