-- What analysts read of the order books: venue and symbol by name. Nothing here stores anything.

CREATE OR REPLACE FUNCTION stream_alive(p_stopped_at timestamptz, p_heartbeat_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_stopped_at IS NULL AND p_heartbeat_at > now() - INTERVAL '30 seconds'
$$;
COMMENT ON FUNCTION stream_alive(timestamptz, timestamptz) IS
    'Whether a run of stream_workers lives: it has not stopped, and said within 30 s that it goes on.';

CREATE OR REPLACE VIEW order_book AS
SELECT i.venue, i.symbol, b.ts, b.update_id, b.received_at, b.best_bid, b.bid_size, b.best_ask, b.ask_size, b.mid,
    b.spread_bps, b.weighted_mid, b.imbalance, b.bid_slope, b.ask_slope, b.bid_depth_10bps, b.ask_depth_10bps,
    b.bid_depth_50bps, b.ask_depth_50bps, b.known_from, b.known_to, b.flow_start, b.flow_messages, b.flow_complete,
    b.ofi, b.ofi_levels, b.bid_prices, b.bid_sizes, b.ask_prices, b.ask_sizes, b.logic_version, b.created_at,
    b.instrument_id
FROM order_book_snapshots AS b
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW order_book IS 'Proven order books at set intervals, with what was measured of them.';
COMMENT ON COLUMN order_book.venue IS 'Venue.';
COMMENT ON COLUMN order_book.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_book.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN order_book.update_id IS 'The venue''s id of the last update in it.';
COMMENT ON COLUMN order_book.received_at IS 'When that update reached us. Compare this, not ts, with order_book_events: both are our clock.';
COMMENT ON COLUMN order_book.best_bid IS 'Highest bid, in quote units.';
COMMENT ON COLUMN order_book.bid_size IS 'Size at the highest bid, in the venue''s unit.';
COMMENT ON COLUMN order_book.best_ask IS 'Lowest ask, in quote units.';
COMMENT ON COLUMN order_book.ask_size IS 'Size at the lowest ask, in the venue''s unit.';
COMMENT ON COLUMN order_book.mid IS '(best_bid + best_ask) / 2.';
COMMENT ON COLUMN order_book.spread_bps IS '(best_ask - best_bid) / mid, in basis points.';
COMMENT ON COLUMN order_book.weighted_mid IS '(best_bid x ask_size + best_ask x bid_size) / (bid_size + ask_size): the weighted mid, not Stoikov''s micro-price.';
COMMENT ON COLUMN order_book.imbalance IS '(bid size - ask size) / (bid size + ask size) over the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN order_book.bid_slope IS 'Notional of bids per basis point away from mid: least squares through the origin, best levels. Steeper is deeper.';
COMMENT ON COLUMN order_book.ask_slope IS 'Notional of asks per basis point away from mid: least squares through the origin, best levels.';
COMMENT ON COLUMN order_book.bid_depth_10bps IS 'Notional of bids within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.ask_depth_10bps IS 'Notional of asks within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.bid_depth_50bps IS 'Notional of bids within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.ask_depth_50bps IS 'Notional of asks within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.known_from IS 'Lowest bid price up to which the book is known; null or 0 where all of it is. Below it depth is unknown, not zero.';
COMMENT ON COLUMN order_book.known_to IS 'Highest ask price up to which the book is known; null where all of it is.';
COMMENT ON COLUMN order_book.flow_start IS 'Start of the interval that the order flow is of, by our clock; it ends where that of the next snapshot starts.';
COMMENT ON COLUMN order_book.flow_messages IS 'Updates in that interval.';
COMMENT ON COLUMN order_book.flow_complete IS 'Whether the book was synced all of that interval; otherwise the order flow is of a part only.';
COMMENT ON COLUMN order_book.ofi IS 'Order flow imbalance at the best level (Cont, Kukanov, Stoikov 2014), in the venue''s unit of size; above 0: buying pressure.';
COMMENT ON COLUMN order_book.ofi_levels IS 'The same at each of the best levels, best first (Xu, Gould, Howison 2019).';
COMMENT ON COLUMN order_book.bid_prices IS 'Prices of the best bids, best first.';
COMMENT ON COLUMN order_book.bid_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book.ask_prices IS 'Prices of the best asks, best first.';
COMMENT ON COLUMN order_book.ask_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN order_book.created_at IS 'When the row was made.';
COMMENT ON COLUMN order_book.instrument_id IS 'Key of the instrument, for joins.';

-- Events of one moment have no order among them, but form a path of states: it ends in the state that was entered
-- once more often than it was left. After a run has started a book, what an earlier one says of it does not count.
CREATE OR REPLACE VIEW order_book_trust AS
SELECT i.venue, i.symbol, s.ts AS valid_from, e.valid_until, s.state, s.cause AS began_with,
    CASE
        WHEN e.valid_until IS NOT DISTINCT FROM s.next_ts THEN coalesce(left_by.cause, s.next_cause)
        WHEN w.run_id IS NULL THEN 'worker_unknown'
        ELSE 'worker_lost'
    END AS ended_with,
    extract(epoch FROM coalesce(e.valid_until, now()) - s.ts)::double precision AS seconds, s.run_id, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    WITH runs AS (
        SELECT ts, state_before, state_after, cause, run_id,
            count(*) FILTER (WHERE cause = 'started') OVER (ORDER BY ts) AS start
        FROM order_book_events
        WHERE instrument_id = i.instrument_id AND state_before <> state_after
    ), keepers AS (
        SELECT *, max(run_id) FILTER (WHERE cause = 'started') OVER (PARTITION BY start) AS keeper FROM runs
    ), states AS (
        SELECT k.ts, v.state, max(k.cause) FILTER (WHERE v.step > 0) AS cause, max(k.run_id) AS run_id
        FROM keepers AS k
        CROSS JOIN LATERAL (VALUES (k.state_after, 1), (k.state_before, -1)) AS v (state, step)
        WHERE k.keeper IS NULL OR k.run_id = k.keeper
        GROUP BY k.ts, v.state
        HAVING sum(v.step) > 0
    ), moments AS (
        SELECT DISTINCT ON (ts) * FROM states ORDER BY ts, state = 'stopped' DESC, state
    )
    SELECT *, lead(ts) OVER later AS next_ts, lead(cause) OVER later AS next_cause, lead(run_id) OVER later AS next_run
    FROM moments
    WINDOW later AS (ORDER BY ts)
) AS s
LEFT JOIN stream_workers AS w ON w.run_id = s.run_id
CROSS JOIN LATERAL (
    -- nobody vouches for a book after the last sign of life of the run that kept it
    SELECT CASE
        WHEN s.state = 'stopped' OR s.next_run = s.run_id OR stream_alive(w.stopped_at, w.heartbeat_at) THEN s.next_ts
        ELSE least(s.next_ts, greatest(s.ts, w.heartbeat_at))
    END AS valid_until
) AS e
LEFT JOIN LATERAL (
    SELECT v.cause
    FROM order_book_events AS v
    WHERE v.instrument_id = i.instrument_id AND v.ts = s.next_ts AND v.state_before = s.state
        AND v.state_after <> v.state_before
    ORDER BY v.cause
    LIMIT 1
) AS left_by ON true;
COMMENT ON VIEW order_book_trust IS 'Per book, stretch after stretch, how far it could be trusted, and why that began and ended. By our clock, as received_at of order_book; times in no stretch: nobody kept the book.';
COMMENT ON COLUMN order_book_trust.venue IS 'Venue.';
COMMENT ON COLUMN order_book_trust.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_book_trust.valid_from IS 'Start of the stretch, by our clock.';
COMMENT ON COLUMN order_book_trust.valid_until IS 'Its end, not included: the next change, or the last sign of life of a run that is gone. Null while it goes on.';
COMMENT ON COLUMN order_book_trust.state IS 'State of the book in it. Only synced can be trusted.';
COMMENT ON COLUMN order_book_trust.began_with IS 'Cause it began with (order_book_events).';
COMMENT ON COLUMN order_book_trust.ended_with IS 'Cause it ended with; worker_lost: its run fell silent; worker_unknown: nothing is known of its run, which then vouches for no time; null while it goes on.';
COMMENT ON COLUMN order_book_trust.seconds IS 'Its length so far, in seconds.';
COMMENT ON COLUMN order_book_trust.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN order_book_trust.instrument_id IS 'Key of the instrument, for joins.';

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

CREATE OR REPLACE FUNCTION trusted_snapshots(
    p_venue text, p_symbol text, p_start timestamptz, p_end timestamptz
) RETURNS SETOF order_book
LANGUAGE sql STABLE AS $$
    WITH trusted AS MATERIALIZED (
        SELECT range_agg(tstzrange(valid_from, valid_until)) AS times
        FROM order_book_synced
        WHERE venue = p_venue AND symbol = p_symbol
    )
    SELECT b.*
    FROM order_book AS b
    JOIN trusted AS t ON b.received_at <@ t.times
    WHERE b.venue = p_venue AND b.symbol = p_symbol AND b.ts >= p_start AND b.ts < p_end
$$;
COMMENT ON FUNCTION trusted_snapshots(text, text, timestamptz, timestamptz) IS
    'The snapshots of a book (as in order_book) with ts in [start, end) that were received while it could be trusted.';

CREATE OR REPLACE VIEW book_gaps AS
SELECT i.venue, i.symbol, e.ts, e.cause, e.state_after, e.detail, again.ts AS synced_again_at,
    extract(epoch FROM again.ts - e.ts)::double precision AS seconds, e.run_id, e.instrument_id
FROM order_book_events AS e
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT n.ts
    FROM order_book_events AS n
    WHERE n.instrument_id = e.instrument_id AND n.ts > e.ts AND n.state_after = 'synced' AND n.state_before <> 'synced'
    ORDER BY n.ts
    LIMIT 1
) AS again ON true
WHERE e.state_before = 'synced' AND e.state_after <> 'synced';
COMMENT ON VIEW book_gaps IS 'Every time a book lost its proof, why, and when it had it again.';
COMMENT ON COLUMN book_gaps.venue IS 'Venue.';
COMMENT ON COLUMN book_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN book_gaps.ts IS 'When it was lost, by our clock.';
COMMENT ON COLUMN book_gaps.cause IS 'Why: gap, connection_gap, crossed, silent, reconnected, stopped, worker_lost ...';
COMMENT ON COLUMN book_gaps.state_after IS 'State from then on.';
COMMENT ON COLUMN book_gaps.detail IS 'The figures behind it, such as the update id expected and the one seen.';
COMMENT ON COLUMN book_gaps.synced_again_at IS 'When the book was proven again, by our clock; null if it was not.';
COMMENT ON COLUMN book_gaps.seconds IS 'Seconds from ts to synced_again_at.';
COMMENT ON COLUMN book_gaps.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN book_gaps.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW order_flow AS
SELECT i.venue, i.symbol, t.ts, t.trades, t.buy_volume, t.sell_volume, t.buy_volume - t.sell_volume AS delta,
    t.buy_value, t.sell_value, t.buy_value - t.sell_value AS delta_value,
    (t.buy_value + t.sell_value) / nullif(t.buy_volume + t.sell_volume, 0) AS vwap,
    t.open, t.high, t.low, t.close, t.missing, t.complete, t.first_trade, t.last_trade, t.received_at, t.instrument_id
FROM trades_1s AS t
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW order_flow IS 'Trades by the second and by who took liquidity. For the cumulative delta: sum(delta) OVER (PARTITION BY instrument_id ORDER BY ts).';
COMMENT ON COLUMN order_flow.venue IS 'Venue.';
COMMENT ON COLUMN order_flow.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_flow.ts IS 'Start of the second, by the venue''s clock.';
COMMENT ON COLUMN order_flow.trades IS 'Number of trades (of aggregate trades where the venue sends those).';
COMMENT ON COLUMN order_flow.buy_volume IS 'Size bought by takers, in the venue''s unit.';
COMMENT ON COLUMN order_flow.sell_volume IS 'Size sold by takers, in the venue''s unit.';
COMMENT ON COLUMN order_flow.delta IS 'buy_volume - sell_volume: above 0 takers bought more.';
COMMENT ON COLUMN order_flow.buy_value IS 'Value bought by takers, in quote units.';
COMMENT ON COLUMN order_flow.sell_value IS 'Value sold by takers, in quote units.';
COMMENT ON COLUMN order_flow.delta_value IS 'buy_value - sell_value, in quote units.';
COMMENT ON COLUMN order_flow.vwap IS 'Value / size of these trades (of linear instruments: their mean price).';
COMMENT ON COLUMN order_flow.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN order_flow.high IS 'Highest price.';
COMMENT ON COLUMN order_flow.low IS 'Lowest price.';
COMMENT ON COLUMN order_flow.close IS 'Last trade''s price.';
COMMENT ON COLUMN order_flow.missing IS 'Trades that the ids show to be missing in it; null where ids do not tell.';
COMMENT ON COLUMN order_flow.complete IS 'False when the stream was interrupted or the second was seen only in part.';
COMMENT ON COLUMN order_flow.first_trade IS 'The venue''s id of the first trade.';
COMMENT ON COLUMN order_flow.last_trade IS 'The venue''s id of the last trade.';
COMMENT ON COLUMN order_flow.received_at IS 'When its last trade reached us.';
COMMENT ON COLUMN order_flow.instrument_id IS 'Key of the instrument, for joins.';

-- the events of one wall have its side, price and first moment in common
CREATE OR REPLACE VIEW walls AS
SELECT i.venue, i.symbol, a.side, a.price, a.ts AS appeared_at, coalesce(e.ts, lost.ts) AS ended_at,
    CASE
        WHEN e.kind IS NOT NULL THEN replace(e.kind, 'wall_', '')
        WHEN lost.ts IS NOT NULL THEN 'ended'
        ELSE 'open'
    END AS outcome,
    CASE WHEN lost.ts IS NOT NULL THEN 'unknown' ELSE e.cause END AS ended_with, a.cause AS began_with,
    extract(epoch FROM coalesce(e.ts, lost.ts, now()) - a.ts)::double precision AS seconds,
    life.peak_size, life.peak_notional, a.distance_bps AS first_distance_bps, e.distance_bps AS last_distance_bps,
    life.grew, life.shrunk, life.refills, life.removed, life.traded, life.traded > 0 AS reached,
    life.suspected_spoof, a.known_at, coalesce(e.known_at, lost.ts) AS end_known_at, a.logic_version, a.instrument_id
FROM whale_activities AS a
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT max((l.evidence ->> 'peak_size')::double precision) AS peak_size,
        max(l.notional) AS peak_notional,
        max((l.evidence ->> 'removed')::double precision) AS removed,
        max((l.evidence ->> 'traded')::double precision) AS traded,
        max((l.evidence ->> 'refills')::integer) AS refills,
        count(*) FILTER (WHERE l.kind = 'wall_grew') AS grew,
        count(*) FILTER (WHERE l.kind = 'wall_shrunk') AS shrunk,
        bool_or(l.kind = 'suspected_spoof') AS suspected_spoof
    FROM whale_activities AS l
    WHERE l.instrument_id = a.instrument_id AND l.price = a.price AND l.side = a.side
        AND l.evidence ->> 'since' = a.evidence ->> 'since' AND l.logic_version = a.logic_version
        AND (starts_with(l.kind, 'wall_') OR l.kind = 'suspected_spoof')
) AS life
LEFT JOIN LATERAL (
    SELECT n.ts, n.known_at, n.kind, n.cause, n.distance_bps
    FROM whale_activities AS n
    WHERE n.instrument_id = a.instrument_id AND n.price = a.price AND n.side = a.side
        AND n.evidence ->> 'since' = a.evidence ->> 'since' AND n.logic_version = a.logic_version
        AND n.kind IN ('wall_consumed', 'wall_pulled', 'wall_ended')
    ORDER BY n.ts DESC
    LIMIT 1
) AS e ON true
LEFT JOIN LATERAL (
    -- a run that was killed tells of no end; the book's next events do
    SELECT v.ts
    FROM order_book_events AS v
    WHERE e.kind IS NULL AND v.instrument_id = a.instrument_id AND v.ts > a.known_at
        AND v.state_after <> 'synced' AND v.state_before <> v.state_after
    ORDER BY v.ts
    LIMIT 1
) AS lost ON true
WHERE a.kind = 'wall_appeared';
COMMENT ON VIEW walls IS 'The life of every wall, a large resting order near the market: when and where it appeared, and what became of it.';
COMMENT ON COLUMN walls.venue IS 'Venue.';
COMMENT ON COLUMN walls.symbol IS 'Unified symbol.';
COMMENT ON COLUMN walls.side IS 'bid or ask.';
COMMENT ON COLUMN walls.price IS 'Its price, in quote units.';
COMMENT ON COLUMN walls.appeared_at IS 'When it appeared, by the venue''s clock.';
COMMENT ON COLUMN walls.ended_at IS 'When it ended, by the venue''s clock; null while it stands.';
COMMENT ON COLUMN walls.outcome IS 'consumed: trades took it; pulled: it vanished, and trades do not explain it; ended: no longer followed, see ended_with; open: it stands, as far as told.';
COMMENT ON COLUMN walls.ended_with IS 'traded; untraded or partly_traded (of pulled ones); out_of_reach: price went away; out_of_sight; unknown: the book lost its proof.';
COMMENT ON COLUMN walls.began_with IS 'placed, snapshot (it was there when the book was synced) or came_into_reach.';
COMMENT ON COLUMN walls.seconds IS 'Its life so far, in seconds.';
COMMENT ON COLUMN walls.peak_size IS 'Its largest size, in the venue''s unit.';
COMMENT ON COLUMN walls.peak_notional IS 'What that is worth, in quote units, as far as told of.';
COMMENT ON COLUMN walls.first_distance_bps IS 'Distance from mid when it appeared, in basis points.';
COMMENT ON COLUMN walls.last_distance_bps IS 'Distance from mid when its end was known, in basis points; null where no end was told.';
COMMENT ON COLUMN walls.grew IS 'How often it grew by a quarter or more.';
COMMENT ON COLUMN walls.shrunk IS 'How often it shrank by a quarter or more.';
COMMENT ON COLUMN walls.refills IS 'How often it was put back after it was gone for less than a second.';
COMMENT ON COLUMN walls.removed IS 'Sum of all that was taken from it, in the venue''s unit, as last told.';
COMMENT ON COLUMN walls.traded IS 'Of this, what trades at its price took, as last told.';
COMMENT ON COLUMN walls.reached IS 'Whether price reached it: there were trades at its price.';
COMMENT ON COLUMN walls.suspected_spoof IS 'Whether it was pulled, untraded, as price came near; a suspicion.';
COMMENT ON COLUMN walls.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN walls.end_known_at IS 'When its end was known, by our clock.';
COMMENT ON COLUMN walls.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN walls.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW liquidity AS
SELECT i.venue, i.symbol, z.ts, z.side, z.price, z.low, z.high, z.notional, z.strength, z.distance_bps, z.since,
    z.age_seconds, z.touches, z.known_to, z.known_at, z.logic_version, z.instrument_id
FROM liquidity_zones AS z
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW liquidity IS 'Liquidity zones at every reading: where much has been resting. A zone that goes on keeps its since; zones first seen together share it.';
COMMENT ON COLUMN liquidity.venue IS 'Venue.';
COMMENT ON COLUMN liquidity.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidity.ts IS 'When it was read, by the venue''s clock.';
COMMENT ON COLUMN liquidity.side IS 'support (bids below mid) or resistance (asks above).';
COMMENT ON COLUMN liquidity.price IS 'Price at the zone''s peak, in quote units.';
COMMENT ON COLUMN liquidity.low IS 'Lower end of the zone, in quote units.';
COMMENT ON COLUMN liquidity.high IS 'Upper end of the zone, in quote units.';
COMMENT ON COLUMN liquidity.notional IS 'Mean resting notional in the zone, the past fading, in quote units.';
COMMENT ON COLUMN liquidity.strength IS 'How far the peak stands out (prominence), in average cells of its side.';
COMMENT ON COLUMN liquidity.distance_bps IS 'Distance of the peak from mid, in basis points.';
COMMENT ON COLUMN liquidity.since IS 'When this zone was first seen, by the venue''s clock.';
COMMENT ON COLUMN liquidity.age_seconds IS 'Seconds from since to ts.';
COMMENT ON COLUMN liquidity.touches IS 'How often mid came into it.';
COMMENT ON COLUMN liquidity.known_to IS 'Price up to which this side of the book was known; null, or 0, where all of it was.';
COMMENT ON COLUMN liquidity.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN liquidity.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW liquidity_now AS
SELECT i.venue, i.symbol, z.ts, extract(epoch FROM now() - z.known_at)::double precision AS seconds_old,
    z.side, z.price, z.low, z.high, z.notional, z.strength, z.distance_bps, z.since, z.age_seconds, z.touches,
    z.known_to, z.known_at, z.logic_version, z.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT n.ts FROM liquidity_zones AS n WHERE n.instrument_id = i.instrument_id ORDER BY n.ts DESC LIMIT 1
) AS newest
JOIN liquidity_zones AS z ON z.instrument_id = i.instrument_id AND z.ts = newest.ts;
COMMENT ON VIEW liquidity_now IS 'The liquidity zones of each book''s newest reading that found any. See seconds_old: a book that is not synced is not read.';
COMMENT ON COLUMN liquidity_now.venue IS 'Venue.';
COMMENT ON COLUMN liquidity_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidity_now.ts IS 'When it was read, by the venue''s clock.';
COMMENT ON COLUMN liquidity_now.seconds_old IS 'Seconds since it was known.';
COMMENT ON COLUMN liquidity_now.side IS 'support (bids below mid) or resistance (asks above).';
COMMENT ON COLUMN liquidity_now.price IS 'Price at the zone''s peak, in quote units.';
COMMENT ON COLUMN liquidity_now.low IS 'Lower end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_now.high IS 'Upper end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_now.notional IS 'Mean resting notional in the zone, the past fading, in quote units.';
COMMENT ON COLUMN liquidity_now.strength IS 'How far the peak stands out (prominence), in average cells of its side.';
COMMENT ON COLUMN liquidity_now.distance_bps IS 'Distance of the peak from mid, in basis points.';
COMMENT ON COLUMN liquidity_now.since IS 'When this zone was first seen, by the venue''s clock.';
COMMENT ON COLUMN liquidity_now.age_seconds IS 'Seconds from since to ts.';
COMMENT ON COLUMN liquidity_now.touches IS 'How often mid came into it.';
COMMENT ON COLUMN liquidity_now.known_to IS 'Price up to which this side of the book was known; null, or 0, where all of it was.';
COMMENT ON COLUMN liquidity_now.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN liquidity_now.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity_now.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW sweeps AS
SELECT i.venue, i.symbol, s.ts, s.side, s.pivot, s.pivot_time, s.extreme, s.close, s.beyond_atr, s.bars,
    s.relative_volume, s.known_at, s.logic_version, s.instrument_id
FROM liquidity_sweeps AS s
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW sweeps IS 'Sweeps (stop hunts): price ran beyond a prior pivot and closed back behind it.';
COMMENT ON COLUMN sweeps.venue IS 'Venue.';
COMMENT ON COLUMN sweeps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN sweeps.ts IS 'Open time of the candle that closed back.';
COMMENT ON COLUMN sweeps.side IS 'high or low: the side of the pivot.';
COMMENT ON COLUMN sweeps.pivot IS 'Price of the pivot, in quote units.';
COMMENT ON COLUMN sweeps.pivot_time IS 'Open time of the pivot''s candle.';
COMMENT ON COLUMN sweeps.extreme IS 'How far price went, in quote units.';
COMMENT ON COLUMN sweeps.close IS 'Close of the candle that closed back, in quote units.';
COMMENT ON COLUMN sweeps.beyond_atr IS 'How far beyond the pivot it went, in average true ranges; null where that was 0.';
COMMENT ON COLUMN sweeps.bars IS 'Candles from the one that went beyond to the one that closed back.';
COMMENT ON COLUMN sweeps.relative_volume IS 'Largest volume of these candles over the mean volume before.';
COMMENT ON COLUMN sweeps.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN sweeps.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN sweeps.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW alerts AS
SELECT i.venue, i.symbol, a.ts, a.kind, a.severity, a.title, a.detail, a.reference, a.known_at, d.delivery,
    d.delivered_at, d.deliveries, a.logic_version, a.instrument_id
FROM order_book_alerts AS a
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT CASE
            WHEN bool_or(o.outcome = 'failed') THEN 'failed'
            WHEN bool_or(o.outcome = 'delivered') THEN 'delivered'
            WHEN bool_or(o.outcome = 'suppressed') THEN 'suppressed'
        END AS delivery,
        max(o.settled_at) FILTER (WHERE o.outcome = 'delivered') AS delivered_at,
        jsonb_object_agg(o.sink, jsonb_build_object('outcome', o.outcome, 'attempts', o.attempts, 'error', o.error))
            AS deliveries
    FROM alert_deliveries AS o
    WHERE o.instrument_id = a.instrument_id AND o.ts = a.ts AND o.kind = a.kind AND o.reference = a.reference
) AS d ON true;
COMMENT ON VIEW alerts IS 'Alerts, and whether they reached somebody.';
COMMENT ON COLUMN alerts.venue IS 'Venue.';
COMMENT ON COLUMN alerts.symbol IS 'Unified symbol.';
COMMENT ON COLUMN alerts.ts IS 'When it happened: the venue''s clock for what the venue told, ours for book_stale.';
COMMENT ON COLUMN alerts.kind IS 'imbalance, whale, sweep or book_stale.';
COMMENT ON COLUMN alerts.severity IS 'info, warning or critical.';
COMMENT ON COLUMN alerts.title IS 'The alert in a sentence.';
COMMENT ON COLUMN alerts.detail IS 'The figures behind it.';
COMMENT ON COLUMN alerts.reference IS 'Tells alerts of one kind and moment apart; empty where there can be one only.';
COMMENT ON COLUMN alerts.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN alerts.delivery IS 'failed: somewhere it was given up; delivered: it arrived; suppressed: left out, as there were more than the rate allowed; null: sent nowhere, or not settled yet.';
COMMENT ON COLUMN alerts.delivered_at IS 'When it last arrived somewhere.';
COMMENT ON COLUMN alerts.deliveries IS 'Outcome, attempts and error by place; null where there are none.';
COMMENT ON COLUMN alerts.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN alerts.instrument_id IS 'Key of the instrument, for joins.';
