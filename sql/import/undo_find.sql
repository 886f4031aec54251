-- What an import's candles of an instrument and timeframe become when it is undone: for each that is still its own, what
-- was there before, or nothing. table is where they are, timeframe a condition on it.
-- Before an import means: the newest revision that neither it nor an import undone since had brought, not older than the
-- first of those that did (a candle that was removed and came again has revisions that are nobody's predecessor).
-- Revisions and candles are told apart by received_at: it is another one in each of an import's transactions.
CREATE TEMPORARY TABLE undo_rows ON COMMIT DROP AS
WITH own AS (
    SELECT received_at, import_id = %(import_id)s AS this
    FROM import_chunks AS c
    JOIN imports AS i USING (import_id)
    WHERE c.instrument_id = %(instrument_id)s AND c.timeframe_id = %(timeframe_id)s
        AND (import_id = %(import_id)s OR i.undone_at IS NOT NULL)
), revised AS (
    SELECT o.ts, o.received_at AS wrote, r.revised_at, r.open, r.high, r.low, r.close, r.volume, r.quote_volume, r.trades,
        r.taker_buy_volume, r.source_id, r.received_at,
        r.source_id = %(source_id)s AND r.received_at IN (SELECT received_at FROM own) AS undone
    FROM {table} AS o
    LEFT JOIN ohlcv_revisions AS r
        ON r.instrument_id = %(instrument_id)s AND r.timeframe_id = %(timeframe_id)s AND r.ts = o.ts
        AND r.ts >= %(first_ts)s AND r.ts <= %(last_ts)s
    WHERE o.instrument_id = %(instrument_id)s AND {timeframe} AND o.source_id = %(source_id)s
        AND o.ts >= %(first_ts)s AND o.ts <= %(last_ts)s
        AND o.received_at IN (SELECT received_at FROM own WHERE this)
), since AS (
    SELECT *, least(wrote, min(received_at) FILTER (WHERE undone) OVER (PARTITION BY ts)) AS since FROM revised
)
SELECT DISTINCT ON (ts) ts, (NOT undone AND revised_at >= since) IS TRUE AS replaced, open, high, low, close, volume,
    quote_volume, trades, taker_buy_volume, source_id, received_at
FROM since
ORDER BY ts, (NOT undone AND revised_at >= since) IS TRUE DESC, revised_at DESC
