-- What analysts read: venue, symbol and timeframe by name. Nothing here stores anything.

CREATE OR REPLACE VIEW ohlcv AS
WITH bars AS (
    SELECT instrument_id, 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades,
        taker_buy_volume, 1::bigint AS bars, source_id, received_at
    FROM ohlcv_1m
    UNION ALL
    SELECT instrument_id, 5::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_5m
    UNION ALL
    SELECT instrument_id, 15::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_15m
    UNION ALL
    SELECT instrument_id, 60::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1h
    UNION ALL
    SELECT instrument_id, 240::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_4h
    UNION ALL
    SELECT instrument_id, 1440::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1d
    UNION ALL
    SELECT instrument_id, 10080::smallint, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1w
    UNION ALL
    -- native bars stand in where there is no minute candle to aggregate
    SELECT n.instrument_id, n.timeframe_id, n.ts, n.open, n.high, n.low, n.close, n.volume, n.quote_volume, n.trades,
        n.taker_buy_volume, NULL, n.source_id, n.received_at
    FROM ohlcv_native AS n
    JOIN timeframes AS f USING (timeframe_id)
    WHERE f.finer IS NULL OR NOT EXISTS (
        SELECT FROM ohlcv_1m AS m
        WHERE m.instrument_id = n.instrument_id AND m.ts >= n.ts AND m.ts < n.ts + f.length
    )
)
SELECT i.venue, i.symbol, t.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.taker_buy_volume, b.bars, t.minutes AS expected_bars, b.bars = t.minutes AS complete, b.bars IS NULL AS native,
    s.source, b.received_at, b.ts + t.length AS known_at, 1 AS logic_version, b.instrument_id
FROM bars AS b
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN sources AS s USING (source_id)
WHERE b.ts + t.length <= now();
COMMENT ON VIEW ohlcv IS 'Closed bars of every timeframe from 1m to 1w, and native bars of any other.';
COMMENT ON COLUMN ohlcv.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv.timeframe IS 'Length of the bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w (aggregates), others where imported.';
COMMENT ON COLUMN ohlcv.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.trades IS 'Number of trades; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.taker_buy_volume IS 'Size bought by takers, in base units; null where a source did not tell.';
COMMENT ON COLUMN ohlcv.bars IS 'Number of 1m candles in the bar; null for native bars.';
COMMENT ON COLUMN ohlcv.expected_bars IS 'Number of 1m candles in a complete bar.';
COMMENT ON COLUMN ohlcv.complete IS 'Whether no minute is missing; null for native bars.';
COMMENT ON COLUMN ohlcv.native IS 'True for a bar as the venue or a file gave it.';
COMMENT ON COLUMN ohlcv.source IS 'Where a 1m or native bar came from; null for aggregates.';
COMMENT ON COLUMN ohlcv.received_at IS 'When the last part of it reached us.';
COMMENT ON COLUMN ohlcv.known_at IS 'When it could first be known: its close.';
COMMENT ON COLUMN ohlcv.logic_version IS 'Version of the aggregation.';
COMMENT ON COLUMN ohlcv.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW ohlcv_latest AS
SELECT i.venue, i.symbol, t.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.bars, t.minutes AS expected_bars, b.ts + t.length <= now() AS closed, b.received_at, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    (SELECT 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume, trades, 1::bigint AS bars, received_at
    FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 5::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_5m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 15::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_15m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 60::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1h AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 240::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_4h AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 1440::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1d AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
    UNION ALL
    (SELECT 10080::smallint, ts, open, high, low, close, volume, quote_volume, trades, bars, received_at
    FROM ohlcv_1w AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1)
) AS b
JOIN timeframes AS t USING (timeframe_id);
COMMENT ON VIEW ohlcv_latest IS 'The newest bar of every instrument and timeframe, the forming one included.';
COMMENT ON COLUMN ohlcv_latest.venue IS 'Venue.';
COMMENT ON COLUMN ohlcv_latest.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ohlcv_latest.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN ohlcv_latest.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv_latest.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_latest.high IS 'Highest price so far.';
COMMENT ON COLUMN ohlcv_latest.low IS 'Lowest price so far.';
COMMENT ON COLUMN ohlcv_latest.close IS 'Last trade''s price so far.';
COMMENT ON COLUMN ohlcv_latest.volume IS 'Traded size so far, in base units.';
COMMENT ON COLUMN ohlcv_latest.quote_volume IS 'Traded value so far, in quote units.';
COMMENT ON COLUMN ohlcv_latest.trades IS 'Number of trades so far.';
COMMENT ON COLUMN ohlcv_latest.bars IS 'Number of 1m candles in it.';
COMMENT ON COLUMN ohlcv_latest.expected_bars IS 'Number of 1m candles in a complete bar.';
COMMENT ON COLUMN ohlcv_latest.closed IS 'False while the bar is forming.';
COMMENT ON COLUMN ohlcv_latest.received_at IS 'When the last part of it reached us.';
COMMENT ON COLUMN ohlcv_latest.instrument_id IS 'Key of the instrument, for joins.';

-- the minutes of each day that should be there: from the listing (or the first candle) to now or delisting
CREATE OR REPLACE VIEW candle_coverage AS
WITH gaps AS (
    SELECT g.instrument_id, (d AT TIME ZONE 'UTC')::date AS day,
        sum(extract(epoch FROM least(gap_end, d + INTERVAL '24 hours') - greatest(gap_start, d)) / 60)
            FILTER (WHERE state = 'venue_had_none') AS venue_had_none
    FROM gap_ledger AS g
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', g.gap_start, 'UTC'), g.gap_end - INTERVAL '1 us', INTERVAL '24 hours') AS d
    GROUP BY 1, 2
), days AS (
    SELECT coalesce(b.instrument_id, l.instrument_id) AS instrument_id,
        coalesce((b.ts AT TIME ZONE 'UTC')::date, l.day) AS day,
        coalesce(b.bars, 0) AS present, l.status, l.attempts, l.error, l.updated_at
    FROM ohlcv_1d AS b
    FULL JOIN ingest_ledger AS l ON l.instrument_id = b.instrument_id AND l.day = (b.ts AT TIME ZONE 'UTC')::date
)
SELECT i.venue, i.symbol, c.day, c.expected, c.present, c.expected - c.present AS missing, c.venue_had_none,
    round((c.present / nullif(c.expected, 0)::numeric), 6)::double precision AS coverage,
    round(((c.present + c.venue_had_none) / nullif(c.expected, 0)::numeric), 6)::double precision AS explained,
    c.status, c.attempts, c.error, c.updated_at, i.instrument_id
FROM (
    SELECT d.*, coalesce(g.venue_had_none, 0)::integer AS venue_had_none,
        -- never fewer than there are: a venue may tell a listing that is later than its first candle
        greatest(d.present, extract(epoch FROM
            least(d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours', date_trunc('minute', now()), n.delisted_at)
            - greatest(d.day::timestamp AT TIME ZONE 'UTC', date_trunc('minute', INTERVAL '59.999999 s' + coalesce(
                n.listed_at,
                (SELECT m.ts FROM ohlcv_1m AS m WHERE m.instrument_id = n.instrument_id ORDER BY m.ts LIMIT 1))))
        ) / 60)::integer AS expected
    FROM days AS d
    JOIN instruments AS n USING (instrument_id)
    LEFT JOIN gaps AS g USING (instrument_id, day)
) AS c
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW candle_coverage IS 'Per instrument and UTC day: minutes that should be there, that are, and that the venue never had.';
COMMENT ON COLUMN candle_coverage.venue IS 'Venue.';
COMMENT ON COLUMN candle_coverage.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_coverage.day IS 'UTC day.';
COMMENT ON COLUMN candle_coverage.expected IS 'Minutes of the day that should be there by now.';
COMMENT ON COLUMN candle_coverage.present IS 'Candles that are there.';
COMMENT ON COLUMN candle_coverage.missing IS 'Minutes that are not there.';
COMMENT ON COLUMN candle_coverage.venue_had_none IS 'Missing minutes for which the venue verifiably has no candle.';
COMMENT ON COLUMN candle_coverage.coverage IS 'present / expected.';
COMMENT ON COLUMN candle_coverage.explained IS '(present + venue_had_none) / expected: 1 means nothing is unexplained.';
COMMENT ON COLUMN candle_coverage.status IS 'How far fetching has come (ingest_ledger); null for days that were only imported.';
COMMENT ON COLUMN candle_coverage.attempts IS 'Failed fetches in a row.';
COMMENT ON COLUMN candle_coverage.error IS 'What the last failure said.';
COMMENT ON COLUMN candle_coverage.updated_at IS 'When fetching last touched the day.';
COMMENT ON COLUMN candle_coverage.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW candle_gaps AS
SELECT i.venue, i.symbol, g.gap_start, g.gap_end,
    (extract(epoch FROM g.gap_end - g.gap_start) / 60)::integer AS minutes,
    g.state, g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW candle_gaps IS 'Every stretch of 1m candles that is or was missing, and what became of it.';
COMMENT ON COLUMN candle_gaps.venue IS 'Venue.';
COMMENT ON COLUMN candle_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_gaps.gap_start IS 'Open time of the first missing minute.';
COMMENT ON COLUMN candle_gaps.gap_end IS 'Open time of the first minute after the gap.';
COMMENT ON COLUMN candle_gaps.minutes IS 'Length in minutes.';
COMMENT ON COLUMN candle_gaps.state IS 'detected, repaired or venue_had_none.';
COMMENT ON COLUMN candle_gaps.detected_at IS 'When it was first seen to be missing.';
COMMENT ON COLUMN candle_gaps.repaired_at IS 'When its candles came.';
COMMENT ON COLUMN candle_gaps.repaired_from IS 'Source the candles came from.';
COMMENT ON COLUMN candle_gaps.verified_at IS 'When it was established that the venue had none.';
COMMENT ON COLUMN candle_gaps.verifications IS 'Sources that answered without these minutes, and when.';
COMMENT ON COLUMN candle_gaps.reason IS 'Why it is missing, as far as known.';
COMMENT ON COLUMN candle_gaps.attempts IS 'Repairs tried.';
COMMENT ON COLUMN candle_gaps.next_attempt_at IS 'When the next repair is due.';
COMMENT ON COLUMN candle_gaps.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW quality_scores AS
SELECT i.venue, i.symbol, q.day, q.score, q.completeness, q.explained, q.validity, q.consistency, q.timeliness,
    q.agreement, q.coverage_of_score, q.expected, q.present, q.venue_had_none, q.quarantined, q.flagged,
    q.logic_version, q.known_at, q.created_at, q.instrument_id
FROM quality_daily AS q
JOIN instruments AS i USING (instrument_id)
WHERE NOT EXISTS (
    SELECT FROM quality_daily AS newer
    WHERE newer.instrument_id = q.instrument_id AND newer.day = q.day AND newer.logic_version > q.logic_version
);
COMMENT ON VIEW quality_scores IS 'How good the 1m candles of each instrument and day are: newest logic version (all are in quality_daily).';
COMMENT ON COLUMN quality_scores.venue IS 'Venue.';
COMMENT ON COLUMN quality_scores.symbol IS 'Unified symbol.';
COMMENT ON COLUMN quality_scores.day IS 'UTC day.';
COMMENT ON COLUMN quality_scores.score IS 'Weighted mean of the parts, 0 to 100.';
COMMENT ON COLUMN quality_scores.completeness IS 'Present minutes / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_scores.explained IS '(Present minutes + minutes the venue verifiably had none) / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_scores.validity IS 'Share of the rows received that broke no hard rule, 0 to 1.';
COMMENT ON COLUMN quality_scores.consistency IS '1 - weighted share of flagged candles, 0 to 1.';
COMMENT ON COLUMN quality_scores.timeliness IS 'Share of live candles received within 90 s of their close; null when nothing came live.';
COMMENT ON COLUMN quality_scores.agreement IS '1 - share of candles that deviate from the same pair elsewhere; null without a second venue.';
COMMENT ON COLUMN quality_scores.coverage_of_score IS 'Share of the weights whose parts were there, 0 to 1.';
COMMENT ON COLUMN quality_scores.expected IS 'Minutes of the day that should have been there.';
COMMENT ON COLUMN quality_scores.present IS 'Minutes that were there.';
COMMENT ON COLUMN quality_scores.venue_had_none IS 'Minutes the venue verifiably had none.';
COMMENT ON COLUMN quality_scores.quarantined IS 'Rows of the day in quarantine.';
COMMENT ON COLUMN quality_scores.flagged IS 'Candles of the day with at least one flag.';
COMMENT ON COLUMN quality_scores.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN quality_scores.known_at IS 'When it could first be known.';
COMMENT ON COLUMN quality_scores.created_at IS 'When the row was made.';
COMMENT ON COLUMN quality_scores.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW candle_remarks AS
SELECT i.venue, i.symbol, f.ts, f.flag, f.score, f.detail, f.logic_version, f.known_at, f.instrument_id
FROM candle_flags AS f
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW candle_remarks IS 'Stored 1m candles that look odd, with the figures behind the remark.';
COMMENT ON COLUMN candle_remarks.venue IS 'Venue.';
COMMENT ON COLUMN candle_remarks.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_remarks.ts IS 'Open time of the candle.';
COMMENT ON COLUMN candle_remarks.flag IS 'jump, stale, zero_volume, volume_outlier, wick or cross_venue.';
COMMENT ON COLUMN candle_remarks.score IS 'How odd, in the unit of the rule (robust z, bars, basis points).';
COMMENT ON COLUMN candle_remarks.detail IS 'The figures behind it.';
COMMENT ON COLUMN candle_remarks.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN candle_remarks.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN candle_remarks.instrument_id IS 'Key of the instrument, for joins.';

-- a candle counts as live when it came within ten minutes of its close; older ones are history
CREATE OR REPLACE VIEW ingest_latency AS
SELECT i.venue, i.symbol, c.ts, s.source, c.ts + INTERVAL '1 minute' AS closed_at, c.received_at,
    extract(epoch FROM c.received_at - c.ts - INTERVAL '1 minute')::double precision AS seconds_after_close,
    c.instrument_id
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
JOIN sources AS s USING (source_id)
WHERE c.received_at < c.ts + INTERVAL '11 minutes' AND c.ts >= i.tracked_at;
COMMENT ON VIEW ingest_latency IS 'How long after its close each live 1m candle was stored.';
COMMENT ON COLUMN ingest_latency.venue IS 'Venue.';
COMMENT ON COLUMN ingest_latency.symbol IS 'Unified symbol.';
COMMENT ON COLUMN ingest_latency.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ingest_latency.source IS 'Source it came from.';
COMMENT ON COLUMN ingest_latency.closed_at IS 'When the candle closed.';
COMMENT ON COLUMN ingest_latency.received_at IS 'When it reached us.';
COMMENT ON COLUMN ingest_latency.seconds_after_close IS 'Seconds from its close until it was stored.';
COMMENT ON COLUMN ingest_latency.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW venue_latency AS
SELECT venue, source, date_trunc('hour', started_at, 'UTC') AS hour, count(*) AS requests,
    count(*) FILTER (WHERE error_kind IS NOT NULL) AS failures,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS p50_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS p95_ms,
    sum(weight) AS weight, max(used_weight) AS max_used_weight, sum(rows) AS rows
FROM fetch_log
GROUP BY venue, source, date_trunc('hour', started_at, 'UTC');
COMMENT ON VIEW venue_latency IS 'Requests per venue, source and hour: latency, failures, weight used, rows.';
COMMENT ON COLUMN venue_latency.venue IS 'Venue asked.';
COMMENT ON COLUMN venue_latency.source IS 'archive, rest, mirror or yahoo.';
COMMENT ON COLUMN venue_latency.hour IS 'UTC hour in which the requests were sent.';
COMMENT ON COLUMN venue_latency.requests IS 'Number of requests.';
COMMENT ON COLUMN venue_latency.failures IS 'Requests that failed.';
COMMENT ON COLUMN venue_latency.p50_ms IS 'Median time until the whole answer was there, in milliseconds.';
COMMENT ON COLUMN venue_latency.p95_ms IS '95th percentile of that time, in milliseconds.';
COMMENT ON COLUMN venue_latency.weight IS 'Request weight the calls cost together, in the venue''s unit.';
COMMENT ON COLUMN venue_latency.max_used_weight IS 'Most weight the venue said was used up in its window.';
COMMENT ON COLUMN venue_latency.rows IS 'Rows in the answers.';

CREATE OR REPLACE VIEW freshness AS
SELECT i.venue, i.symbol, b.ts AS newest, extract(epoch FROM now() - b.ts - INTERVAL '1 minute')::double precision AS age_seconds,
    i.instrument_id
FROM instruments AS i
LEFT JOIN LATERAL (
    SELECT ts FROM ohlcv_1m AS m WHERE m.instrument_id = i.instrument_id ORDER BY ts DESC LIMIT 1
) AS b ON true
WHERE i.tracked AND (i.delisted_at IS NULL OR i.delisted_at > now());
COMMENT ON VIEW freshness IS 'Age of the newest 1m candle of every tracked, still traded symbol, counted from its close.';
COMMENT ON COLUMN freshness.venue IS 'Venue.';
COMMENT ON COLUMN freshness.symbol IS 'Unified symbol.';
COMMENT ON COLUMN freshness.newest IS 'Open time of the newest 1m candle; null when there is none.';
COMMENT ON COLUMN freshness.age_seconds IS 'Seconds since that candle closed.';
COMMENT ON COLUMN freshness.instrument_id IS 'Key of the instrument, for joins.';
