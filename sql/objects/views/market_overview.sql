-- One row a symbol for pages that show all of them: every figure comes from a short stretch of an index, none from
-- a view that looks at all of a symbol's past. A day of 1h bars is read at once for all symbols, not symbol by symbol.
CREATE OR REPLACE VIEW market_overview AS
SELECT
    i.venue, i.symbol, i.kind, i.base, i.quote,
    CASE WHEN f.ts > m.ts OR m.ts IS NULL THEN f.close ELSE m.close END AS last_price,
    greatest(f.received_at, m.ts + INTERVAL '1 minute') AS priced_at,
    CASE WHEN f.ts > m.ts OR m.ts IS NULL THEN f.close ELSE m.close END / nullif(y.close, 0) - 1 AS change_24h,
    d.quote_volume AS quote_volume_24h, d.high AS high_24h, d.low AS low_24h,
    u.funding_rate, u.interval_hours AS funding_interval_hours, u.next_funding_at, u.prices_known_at AS funding_known_at,
    u.quote_value AS open_interest, u.open_interest_known_at,
    u.contracts / nullif(o.contracts, 0) - 1 AS open_interest_change_24h,
    s.score AS sentiment, s.known_at AS sentiment_known_at, s.texts AS sentiment_texts_24h,
    m.ts + INTERVAL '1 minute' AS fresh_until,
    extract(EPOCH FROM now() - m.ts - INTERVAL '1 minute')::double precision AS age_seconds,
    coalesce(g.gaps, 0) AS open_gaps, coalesce(g.minutes, 0) AS missing_minutes,
    q.score AS quality, q.day AS quality_day, b.state AS book_state, b.trusted AS book_trusted,
    i.problem, i.instrument_id
FROM instruments AS i
LEFT JOIN forming_candles AS f ON f.instrument_id = i.instrument_id AND f.ts > now() - INTERVAL '1 hour'
LEFT JOIN LATERAL (
    SELECT ts, close FROM ohlcv_1m AS c WHERE c.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1
) AS m ON true
LEFT JOIN LATERAL (
    SELECT close FROM ohlcv_1m AS c
    WHERE c.instrument_id = i.instrument_id
        AND c.ts <= now() - INTERVAL '24 hours' - INTERVAL '1 minute' AND c.ts > now() - INTERVAL '25 hours'
    ORDER BY ts DESC LIMIT 1
) AS y ON true
LEFT JOIN (
    SELECT instrument_id, CASE WHEN count(quote_volume) = count(*) THEN sum(quote_volume) END AS quote_volume,
        max(high) AS high, min(low) AS low
    FROM ohlcv_1h WHERE ts > now() - INTERVAL '24 hours'
    GROUP BY instrument_id
) AS d ON d.instrument_id = i.instrument_id
LEFT JOIN futures_latest AS u ON u.instrument_id = i.instrument_id AND i.kind <> 'spot'
LEFT JOIN LATERAL (
    SELECT contracts FROM open_interest_readings AS r
    WHERE r.instrument_id = i.instrument_id
        AND r.ts <= u.open_interest_at - INTERVAL '24 hours' AND r.ts > u.open_interest_at - INTERVAL '26 hours'
    ORDER BY r.ts DESC LIMIT 1
) AS o ON u.instrument_id IS NOT NULL
LEFT JOIN (
    -- a coin once, however many symbols it has
    SELECT c.base, v.score, v.known_at, v.texts
    FROM (SELECT DISTINCT base FROM instruments WHERE tracked) AS c
    CROSS JOIN LATERAL (
        SELECT a.score, a.known_at, a.texts FROM sentiment_aggregates AS a
        WHERE a.coin = c.base AND a.hours = 24 AND a.is_main AND a.score IS NOT NULL
            AND a.ts > now() - INTERVAL '25 hours' AND a.known_at <= now()
        ORDER BY a.ts DESC LIMIT 1
    ) AS v
) AS s ON s.base = i.base
LEFT JOIN (
    SELECT instrument_id, count(*) AS gaps,
        sum(extract(EPOCH FROM gap_end - gap_start) / 60)::bigint AS minutes
    FROM gap_ledger WHERE state = 'detected' AND dataset = 'ohlcv_1m'
    GROUP BY instrument_id
) AS g ON g.instrument_id = i.instrument_id
LEFT JOIN LATERAL (
    SELECT day, score FROM quality_daily AS k
    WHERE k.instrument_id = i.instrument_id AND k.logic_version > 0
    ORDER BY k.day DESC, k.logic_version DESC LIMIT 1
) AS q ON true
LEFT JOIN (
    SELECT t.instrument_id, t.state,
        coalesce(stream_alive(w.stopped_at, w.heartbeat_at), false) AND t.state = 'synced' AS trusted
    FROM order_book_status AS t
    LEFT JOIN stream_workers AS w USING (run_id)
) AS b ON b.instrument_id = i.instrument_id
WHERE i.tracked AND (i.delisted_at IS NULL OR i.delisted_at > now());
COMMENT ON VIEW market_overview IS 'Every tracked symbol in one row: price, 24 hours, funding, open interest, sentiment, and how far its data can be relied on.';
COMMENT ON COLUMN market_overview.venue IS 'Venue.';
COMMENT ON COLUMN market_overview.symbol IS 'Unified symbol.';
COMMENT ON COLUMN market_overview.kind IS 'spot, perpetual or future.';
COMMENT ON COLUMN market_overview.base IS 'Currency that is bought.';
COMMENT ON COLUMN market_overview.quote IS 'Currency that prices are in.';
COMMENT ON COLUMN market_overview.last_price IS 'Price of the last trade that is known, of the forming candle or the newest closed one, in quote units.';
COMMENT ON COLUMN market_overview.priced_at IS 'When it was so: when the forming candle reached us, or the close of the newest candle.';
COMMENT ON COLUMN market_overview.change_24h IS 'last_price over the close 24 hours ago, less 1; null where the hour before that moment has no candle.';
COMMENT ON COLUMN market_overview.quote_volume_24h IS 'Value traded in the 1h bars that began in the last 24 hours (23 to 24 hours), in quote units; null where a part is not known.';
COMMENT ON COLUMN market_overview.high_24h IS 'Highest price of those bars, in quote units.';
COMMENT ON COLUMN market_overview.low_24h IS 'Lowest price of those bars, in quote units.';
COMMENT ON COLUMN market_overview.funding_rate IS 'Funding that would be paid if it were settled now, as a part of the position''s value; null of spot.';
COMMENT ON COLUMN market_overview.funding_interval_hours IS 'Hours between settlements.';
COMMENT ON COLUMN market_overview.next_funding_at IS 'When funding is settled next.';
COMMENT ON COLUMN market_overview.funding_known_at IS 'When that rate could first be known to us.';
COMMENT ON COLUMN market_overview.open_interest IS 'Open contracts, in quote units; null of spot and where it cannot be converted.';
COMMENT ON COLUMN market_overview.open_interest_known_at IS 'When it could first be known to us.';
COMMENT ON COLUMN market_overview.open_interest_change_24h IS 'Open contracts over those 24 to 26 hours before them, less 1.';
COMMENT ON COLUMN market_overview.sentiment IS 'Score of all texts about the base in 24 hours, -1 (bad) to 1 (good); null where there is none of the last day.';
COMMENT ON COLUMN market_overview.sentiment_known_at IS 'Since when that score is known.';
COMMENT ON COLUMN market_overview.sentiment_texts_24h IS 'Texts that it rests on.';
COMMENT ON COLUMN market_overview.fresh_until IS 'Close of the newest 1m candle; null where there is none.';
COMMENT ON COLUMN market_overview.age_seconds IS 'Seconds since that close.';
COMMENT ON COLUMN market_overview.open_gaps IS 'Stretches of 1m candles that are missing, and neither repaired nor shown to be the venue''s.';
COMMENT ON COLUMN market_overview.missing_minutes IS 'Minutes that they miss.';
COMMENT ON COLUMN market_overview.quality IS 'Quality of the newest day that was judged, 0 to 100.';
COMMENT ON COLUMN market_overview.quality_day IS 'That day, UTC.';
COMMENT ON COLUMN market_overview.book_state IS 'State of its order book; null where none is kept.';
COMMENT ON COLUMN market_overview.book_trusted IS 'Whether that book can be trusted now: synced, and its run lives.';
COMMENT ON COLUMN market_overview.problem IS 'Why it cannot be fetched, if so: what the venue said.';
COMMENT ON COLUMN market_overview.instrument_id IS 'Key of the instrument, for joins.';
