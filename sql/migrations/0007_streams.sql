-- What the streams write: order books, whales, liquidity, order flow, alerts, and how well the streams themselves do.
-- ts is the venue's clock (of order_book_events ours), known_at and received_at are ours. All times UTC.

CREATE TABLE IF NOT EXISTS order_book_snapshots (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    update_id bigint NOT NULL,
    received_at timestamptz NOT NULL,
    best_bid double precision NOT NULL,
    bid_size double precision NOT NULL,
    best_ask double precision NOT NULL,
    ask_size double precision NOT NULL,
    mid double precision NOT NULL,
    spread_bps double precision NOT NULL,
    weighted_mid double precision NOT NULL,
    imbalance double precision NOT NULL,
    bid_slope double precision,
    ask_slope double precision,
    bid_depth_10bps double precision,
    ask_depth_10bps double precision,
    bid_depth_50bps double precision,
    ask_depth_50bps double precision,
    known_from double precision,
    known_to double precision,
    flow_start timestamptz NOT NULL,
    flow_messages integer NOT NULL,
    flow_complete boolean NOT NULL,
    ofi double precision NOT NULL,
    ofi_levels double precision[] NOT NULL,
    bid_prices double precision[] NOT NULL,
    bid_sizes double precision[] NOT NULL,
    ask_prices double precision[] NOT NULL,
    ask_sizes double precision[] NOT NULL,
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, update_id)
);
COMMENT ON TABLE order_book_snapshots IS 'Proven order books at set intervals: best levels and what was measured of all of them. Only synced books are here.';
COMMENT ON COLUMN order_book_snapshots.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN order_book_snapshots.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN order_book_snapshots.update_id IS 'The venue''s id of the last update in it.';
COMMENT ON COLUMN order_book_snapshots.received_at IS 'When that update reached us. Compare this, not ts, with order_book_events: both are our clock.';
COMMENT ON COLUMN order_book_snapshots.best_bid IS 'Highest bid, in quote units.';
COMMENT ON COLUMN order_book_snapshots.bid_size IS 'Size at the highest bid, in the venue''s unit.';
COMMENT ON COLUMN order_book_snapshots.best_ask IS 'Lowest ask, in quote units.';
COMMENT ON COLUMN order_book_snapshots.ask_size IS 'Size at the lowest ask, in the venue''s unit.';
COMMENT ON COLUMN order_book_snapshots.mid IS '(best_bid + best_ask) / 2.';
COMMENT ON COLUMN order_book_snapshots.spread_bps IS '(best_ask - best_bid) / mid, in basis points.';
COMMENT ON COLUMN order_book_snapshots.weighted_mid IS '(best_bid x ask_size + best_ask x bid_size) / (bid_size + ask_size): the weighted mid, not Stoikov''s micro-price.';
COMMENT ON COLUMN order_book_snapshots.imbalance IS '(bid size - ask size) / (bid size + ask size) over the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN order_book_snapshots.bid_slope IS 'Notional of bids per basis point away from mid: least squares through the origin, best levels. Steeper is deeper.';
COMMENT ON COLUMN order_book_snapshots.ask_slope IS 'Notional of asks per basis point away from mid: least squares through the origin, best levels.';
COMMENT ON COLUMN order_book_snapshots.bid_depth_10bps IS 'Notional of bids within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_snapshots.ask_depth_10bps IS 'Notional of asks within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_snapshots.bid_depth_50bps IS 'Notional of bids within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_snapshots.ask_depth_50bps IS 'Notional of asks within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_snapshots.known_from IS 'Lowest bid price up to which the book is known; null or 0 where all of it is. Below it depth is unknown, not zero.';
COMMENT ON COLUMN order_book_snapshots.known_to IS 'Highest ask price up to which the book is known; null where all of it is.';
COMMENT ON COLUMN order_book_snapshots.flow_start IS 'Start of the interval that the order flow is of, by our clock; it ends where that of the next snapshot starts.';
COMMENT ON COLUMN order_book_snapshots.flow_messages IS 'Updates in that interval.';
COMMENT ON COLUMN order_book_snapshots.flow_complete IS 'Whether the book was synced all of that interval; otherwise the order flow is of a part only.';
COMMENT ON COLUMN order_book_snapshots.ofi IS 'Order flow imbalance at the best level (Cont, Kukanov, Stoikov 2014), in the venue''s unit of size; above 0: buying pressure.';
COMMENT ON COLUMN order_book_snapshots.ofi_levels IS 'The same at each of the best levels, best first (Xu, Gould, Howison 2019).';
COMMENT ON COLUMN order_book_snapshots.bid_prices IS 'Prices of the best bids, best first.';
COMMENT ON COLUMN order_book_snapshots.bid_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book_snapshots.ask_prices IS 'Prices of the best asks, best first.';
COMMENT ON COLUMN order_book_snapshots.ask_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book_snapshots.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN order_book_snapshots.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS order_book_events (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    state_before text NOT NULL,
    state_after text NOT NULL,
    cause text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    run_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, cause, state_after)
);
COMMENT ON TABLE order_book_events IS 'Every change of an order book''s state, and what was noticed about it. The views order_book_trust and order_book_synced make stretches of it.';
COMMENT ON COLUMN order_book_events.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN order_book_events.ts IS 'When it was noticed, by our clock.';
COMMENT ON COLUMN order_book_events.state_before IS 'State until then: none, buffering, synced, stale, broken, resyncing or stopped.';
COMMENT ON COLUMN order_book_events.state_after IS 'State from then on; the same as before where something was noticed that changed nothing. Only synced can be trusted.';
COMMENT ON COLUMN order_book_events.cause IS 'Why: snapshot, gap, connection_gap, crossed, silent, reconnected, continued, requested, started, stopped, worker_lost ...';
COMMENT ON COLUMN order_book_events.detail IS 'The figures behind it, such as the update id expected and the one seen.';
COMMENT ON COLUMN order_book_events.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN order_book_events.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS order_book_events_by_time ON order_book_events (ts);

CREATE TABLE IF NOT EXISTS trades_1s (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    trades integer NOT NULL,
    buy_volume double precision NOT NULL,
    sell_volume double precision NOT NULL,
    buy_value double precision NOT NULL,
    sell_value double precision NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    first_trade text NOT NULL,
    last_trade text NOT NULL,
    missing integer,
    complete boolean NOT NULL,
    received_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE trades_1s IS 'Trades of each second in which there were any, by who took liquidity.';
COMMENT ON COLUMN trades_1s.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN trades_1s.ts IS 'Start of the second, by the venue''s clock.';
COMMENT ON COLUMN trades_1s.trades IS 'Number of trades (of aggregate trades where the venue sends those).';
COMMENT ON COLUMN trades_1s.buy_volume IS 'Size bought by takers, in the venue''s unit.';
COMMENT ON COLUMN trades_1s.sell_volume IS 'Size sold by takers, in the venue''s unit.';
COMMENT ON COLUMN trades_1s.buy_value IS 'Value bought by takers, in quote units.';
COMMENT ON COLUMN trades_1s.sell_value IS 'Value sold by takers, in quote units.';
COMMENT ON COLUMN trades_1s.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN trades_1s.high IS 'Highest price.';
COMMENT ON COLUMN trades_1s.low IS 'Lowest price.';
COMMENT ON COLUMN trades_1s.close IS 'Last trade''s price.';
COMMENT ON COLUMN trades_1s.first_trade IS 'The venue''s id of the first trade.';
COMMENT ON COLUMN trades_1s.last_trade IS 'The venue''s id of the last trade.';
COMMENT ON COLUMN trades_1s.missing IS 'Trades that the ids show to be missing in it; null where ids do not tell.';
COMMENT ON COLUMN trades_1s.complete IS 'False when the stream was interrupted or the second was seen only in part.';
COMMENT ON COLUMN trades_1s.received_at IS 'When its last trade reached us.';
COMMENT ON COLUMN trades_1s.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS whale_activities (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    kind text NOT NULL,
    side text NOT NULL CHECK (side IN ('bid', 'ask')),
    price double precision NOT NULL,
    size double precision NOT NULL,
    notional double precision NOT NULL,
    distance_bps double precision NOT NULL,
    cause text NOT NULL,
    evidence jsonb NOT NULL,
    reference text NOT NULL DEFAULT '',
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, kind, side, price, reference, logic_version)
);
COMMENT ON TABLE whale_activities IS 'Large resting orders and trades, and what became of them. What is suspected cannot be proven from depth by price. The view walls has one row per wall.';
COMMENT ON COLUMN whale_activities.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN whale_activities.ts IS 'When it happened, by the venue''s clock.';
COMMENT ON COLUMN whale_activities.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN whale_activities.kind IS 'wall_appeared, wall_grew, wall_shrunk, wall_consumed, wall_pulled, wall_ended, cluster_formed, cluster_dissolved, large_trade, suspected_iceberg or suspected_spoof.';
COMMENT ON COLUMN whale_activities.side IS 'bid or ask: where the order rests; of a large trade the aggressor''s (bid: a buyer).';
COMMENT ON COLUMN whale_activities.price IS 'Price of the level or trade, in quote units.';
COMMENT ON COLUMN whale_activities.size IS 'Size of the level or trade, in the venue''s unit; of a wall that ended its peak, of a cluster the sum, of an iceberg what was executed.';
COMMENT ON COLUMN whale_activities.notional IS 'What that size is worth, in quote units.';
COMMENT ON COLUMN whale_activities.distance_bps IS 'Distance from mid, in basis points.';
COMMENT ON COLUMN whale_activities.cause IS 'Why: placed, snapshot, came_into_reach, added, taken_from, traded, untraded, partly_traded, unknown, out_of_sight, out_of_reach ...';
COMMENT ON COLUMN whale_activities.evidence IS 'The figures behind it; of a wall: since (epoch seconds), age, peak_size, first_distance_bps, removed, traded, refills.';
COMMENT ON COLUMN whale_activities.reference IS 'The venue''s id of a large trade; empty otherwise.';
COMMENT ON COLUMN whale_activities.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN whale_activities.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS whale_activities_by_wall ON whale_activities (instrument_id, price, (evidence ->> 'since'));
CREATE INDEX IF NOT EXISTS whale_activities_by_time ON whale_activities USING brin (ts);

CREATE TABLE IF NOT EXISTS liquidity_zones (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    side text NOT NULL CHECK (side IN ('support', 'resistance')),
    price double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    notional double precision NOT NULL,
    strength double precision NOT NULL,
    distance_bps double precision NOT NULL,
    since timestamptz NOT NULL,
    age_seconds double precision NOT NULL,
    touches integer NOT NULL,
    known_to double precision,
    known_at timestamptz NOT NULL,
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, side, price, logic_version)
);
COMMENT ON TABLE liquidity_zones IS 'Price ranges in which much has been resting, read at set intervals while the book is synced. Beyond known_to zones are unknown, not absent.';
COMMENT ON COLUMN liquidity_zones.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN liquidity_zones.ts IS 'When it was read, by the venue''s clock.';
COMMENT ON COLUMN liquidity_zones.side IS 'support (bids below mid) or resistance (asks above).';
COMMENT ON COLUMN liquidity_zones.price IS 'Price at the zone''s peak, in quote units.';
COMMENT ON COLUMN liquidity_zones.low IS 'Lower end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_zones.high IS 'Upper end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_zones.notional IS 'Mean resting notional in the zone, the past fading, in quote units.';
COMMENT ON COLUMN liquidity_zones.strength IS 'How far the peak stands out (prominence), in average cells of its side.';
COMMENT ON COLUMN liquidity_zones.distance_bps IS 'Distance of the peak from mid, in basis points.';
COMMENT ON COLUMN liquidity_zones.since IS 'When this zone was first seen, by the venue''s clock.';
COMMENT ON COLUMN liquidity_zones.age_seconds IS 'Seconds from since to ts.';
COMMENT ON COLUMN liquidity_zones.touches IS 'How often mid came into it.';
COMMENT ON COLUMN liquidity_zones.known_to IS 'Price up to which this side of the book was known; null, or 0, where all of it was.';
COMMENT ON COLUMN liquidity_zones.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN liquidity_zones.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity_zones.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS liquidity_sweeps (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    side text NOT NULL CHECK (side IN ('high', 'low')),
    pivot_time timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    pivot double precision NOT NULL,
    extreme double precision NOT NULL,
    close double precision NOT NULL,
    beyond_atr double precision,
    bars integer NOT NULL,
    relative_volume double precision NOT NULL,
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, side, pivot_time, logic_version)
);
COMMENT ON TABLE liquidity_sweeps IS 'Sweeps (stop hunts): price ran beyond a prior pivot and closed back behind it. From closed 1m candles.';
COMMENT ON COLUMN liquidity_sweeps.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN liquidity_sweeps.ts IS 'Open time of the candle that closed back.';
COMMENT ON COLUMN liquidity_sweeps.side IS 'high or low: the side of the pivot.';
COMMENT ON COLUMN liquidity_sweeps.pivot_time IS 'Open time of the pivot''s candle.';
COMMENT ON COLUMN liquidity_sweeps.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN liquidity_sweeps.pivot IS 'Price of the pivot, in quote units.';
COMMENT ON COLUMN liquidity_sweeps.extreme IS 'How far price went, in quote units.';
COMMENT ON COLUMN liquidity_sweeps.close IS 'Close of the candle that closed back, in quote units.';
COMMENT ON COLUMN liquidity_sweeps.beyond_atr IS 'How far beyond the pivot it went, in average true ranges; null where that was 0.';
COMMENT ON COLUMN liquidity_sweeps.bars IS 'Candles from the one that went beyond to the one that closed back.';
COMMENT ON COLUMN liquidity_sweeps.relative_volume IS 'Largest volume of these candles over the mean volume before.';
COMMENT ON COLUMN liquidity_sweeps.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity_sweeps.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS order_book_alerts (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('imbalance', 'whale', 'sweep', 'book_stale')),
    reference text NOT NULL DEFAULT '',
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    title text NOT NULL,
    detail jsonb NOT NULL,
    known_at timestamptz NOT NULL,
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, kind, reference)
);
COMMENT ON TABLE order_book_alerts IS 'What was worth telling somebody. The view alerts shows names, and what became of the telling.';
COMMENT ON COLUMN order_book_alerts.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN order_book_alerts.ts IS 'When it happened: the venue''s clock for what the venue told, ours for book_stale.';
COMMENT ON COLUMN order_book_alerts.kind IS 'imbalance, whale, sweep or book_stale.';
COMMENT ON COLUMN order_book_alerts.reference IS 'Tells alerts of one kind and moment apart; empty where there can be one only.';
COMMENT ON COLUMN order_book_alerts.severity IS 'info, warning or critical.';
COMMENT ON COLUMN order_book_alerts.title IS 'The alert in a sentence.';
COMMENT ON COLUMN order_book_alerts.detail IS 'The figures behind it.';
COMMENT ON COLUMN order_book_alerts.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN order_book_alerts.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN order_book_alerts.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS order_book_alerts_by_time ON order_book_alerts (ts);

CREATE TABLE IF NOT EXISTS alert_deliveries (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    sink text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'suppressed')),
    attempts integer NOT NULL,
    error text,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, ts, kind, reference, sink)
);
COMMENT ON TABLE alert_deliveries IS 'What became of each alert at each place it was sent to.';
COMMENT ON COLUMN alert_deliveries.instrument_id IS 'Instrument of the alert.';
COMMENT ON COLUMN alert_deliveries.ts IS 'Time of the alert.';
COMMENT ON COLUMN alert_deliveries.kind IS 'Kind of the alert.';
COMMENT ON COLUMN alert_deliveries.reference IS 'Reference of the alert.';
COMMENT ON COLUMN alert_deliveries.sink IS 'Where it was sent.';
COMMENT ON COLUMN alert_deliveries.outcome IS 'delivered, failed (given up) or suppressed (more than the rate allowed).';
COMMENT ON COLUMN alert_deliveries.attempts IS 'How often it was tried.';
COMMENT ON COLUMN alert_deliveries.error IS 'What the last failure said.';
COMMENT ON COLUMN alert_deliveries.settled_at IS 'When that was settled.';

CREATE TABLE IF NOT EXISTS forming_candles (
    instrument_id integer PRIMARY KEY,
    ts timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    quote_volume double precision,
    trades bigint,
    taker_buy_volume double precision,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE forming_candles IS 'The 1m candle that is forming, one per instrument. Never final: closed ones are in ohlcv_1m; ohlcv_live shows both.';
COMMENT ON COLUMN forming_candles.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN forming_candles.ts IS 'Open time of the candle.';
COMMENT ON COLUMN forming_candles.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN forming_candles.high IS 'Highest price so far.';
COMMENT ON COLUMN forming_candles.low IS 'Lowest price so far.';
COMMENT ON COLUMN forming_candles.close IS 'Last trade''s price so far.';
COMMENT ON COLUMN forming_candles.volume IS 'Traded size so far, in base units.';
COMMENT ON COLUMN forming_candles.quote_volume IS 'Traded value so far, in quote units; null where the venue does not tell.';
COMMENT ON COLUMN forming_candles.trades IS 'Number of trades so far; null where the venue does not tell.';
COMMENT ON COLUMN forming_candles.taker_buy_volume IS 'Size bought by takers so far, in base units; null where the venue does not tell.';
COMMENT ON COLUMN forming_candles.received_at IS 'When these values reached us.';

CREATE TABLE IF NOT EXISTS candle_arrivals (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    venue_at timestamptz,
    received_at timestamptz NOT NULL,
    queryable_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE candle_arrivals IS 'When each live 1m candle came and could first be read. What it says is in ohlcv_1m.';
COMMENT ON COLUMN candle_arrivals.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN candle_arrivals.ts IS 'Open time of the candle.';
COMMENT ON COLUMN candle_arrivals.venue_at IS 'When the venue sent it, by its own clock; null where it does not tell.';
COMMENT ON COLUMN candle_arrivals.received_at IS 'When it reached us.';
COMMENT ON COLUMN candle_arrivals.queryable_at IS 'When it had been committed.';
COMMENT ON COLUMN candle_arrivals.source_id IS 'Where it came from (sources): stream, or rest where that had to fill in.';
CREATE INDEX IF NOT EXISTS candle_arrivals_by_time ON candle_arrivals USING brin (ts);

CREATE TABLE IF NOT EXISTS order_book_status (
    instrument_id integer PRIMARY KEY,
    state text NOT NULL,
    cause text NOT NULL,
    since timestamptz NOT NULL,
    last_update timestamptz,
    spread_bps double precision,
    weighted_mid double precision,
    imbalance double precision,
    bid_depth_10bps double precision,
    ask_depth_10bps double precision,
    bid_depth_50bps double precision,
    ask_depth_50bps double precision,
    messages bigint NOT NULL,
    gaps bigint NOT NULL,
    resyncs bigint NOT NULL,
    dropped bigint NOT NULL,
    shard text NOT NULL,
    run_id text NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE order_book_status IS 'The order books as they are now, one row each. The view stream_status says whether somebody still keeps them.';
COMMENT ON COLUMN order_book_status.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN order_book_status.state IS 'State of the book (order_book_events).';
COMMENT ON COLUMN order_book_status.cause IS 'Why it is in that state.';
COMMENT ON COLUMN order_book_status.since IS 'Since when, by our clock.';
COMMENT ON COLUMN order_book_status.last_update IS 'When an update was last applied, by our clock.';
COMMENT ON COLUMN order_book_status.spread_bps IS '(best_ask - best_bid) / mid, in basis points. Null unless synced, as the figures that follow.';
COMMENT ON COLUMN order_book_status.weighted_mid IS 'Weighted mid, in quote units.';
COMMENT ON COLUMN order_book_status.imbalance IS '(bid size - ask size) / (bid size + ask size) over the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN order_book_status.bid_depth_10bps IS 'Notional of bids within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_status.ask_depth_10bps IS 'Notional of asks within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_status.bid_depth_50bps IS 'Notional of bids within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_status.ask_depth_50bps IS 'Notional of asks within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book_status.messages IS 'Messages of this run for this book.';
COMMENT ON COLUMN order_book_status.gaps IS 'Breaks noticed in this run.';
COMMENT ON COLUMN order_book_status.resyncs IS 'Broken books that were made right in this run.';
COMMENT ON COLUMN order_book_status.dropped IS 'Messages of this run that were let go unread.';
COMMENT ON COLUMN order_book_status.shard IS 'Shard that keeps the book.';
COMMENT ON COLUMN order_book_status.run_id IS 'Run that keeps the book (stream_workers).';
COMMENT ON COLUMN order_book_status.updated_at IS 'When this row was made, by our clock.';

CREATE TABLE IF NOT EXISTS stream_workers (
    run_id text PRIMARY KEY,
    shard text NOT NULL,
    code_version text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    symbols integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    stopped_at timestamptz,
    stopped_because text
);
COMMENT ON TABLE stream_workers IS 'Every stream run: who keeps the books, and whether it lives. The view stream_health tells it in words.';
COMMENT ON COLUMN stream_workers.run_id IS 'Dagster run.';
COMMENT ON COLUMN stream_workers.shard IS 'Which part of the symbols it has: 1-of-2 is the first of two.';
COMMENT ON COLUMN stream_workers.code_version IS 'Version of the code it runs.';
COMMENT ON COLUMN stream_workers.host IS 'Machine it runs on.';
COMMENT ON COLUMN stream_workers.pid IS 'Process on that machine.';
COMMENT ON COLUMN stream_workers.symbols IS 'Symbols it has.';
COMMENT ON COLUMN stream_workers.started_at IS 'When it started.';
COMMENT ON COLUMN stream_workers.heartbeat_at IS 'When it last said that it lives; every few seconds.';
COMMENT ON COLUMN stream_workers.stopped_at IS 'When it stopped; null while it runs, or until its end was noticed.';
COMMENT ON COLUMN stream_workers.stopped_because IS 'Why it stopped; lost: its end was noticed by the run after it.';
CREATE INDEX IF NOT EXISTS stream_workers_by_shard ON stream_workers (shard, started_at DESC);

CREATE TABLE IF NOT EXISTS stream_gaps (
    run_id text NOT NULL,
    dataset text NOT NULL,
    instrument_id integer NOT NULL,
    gap_start timestamptz NOT NULL,
    gap_end timestamptz NOT NULL,
    rows bigint NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, dataset, instrument_id, gap_start)
);
COMMENT ON TABLE stream_gaps IS 'Rows that were made and could not be stored: nothing is lost without being told here.';
COMMENT ON COLUMN stream_gaps.run_id IS 'Run that lost them (stream_workers).';
COMMENT ON COLUMN stream_gaps.dataset IS 'Table they were meant for.';
COMMENT ON COLUMN stream_gaps.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN stream_gaps.gap_start IS 'Time (ts) of the first row lost.';
COMMENT ON COLUMN stream_gaps.gap_end IS 'Time (ts) of the last row lost.';
COMMENT ON COLUMN stream_gaps.rows IS 'How many.';
COMMENT ON COLUMN stream_gaps.reason IS 'Why, such as: the database was away and memory full.';
COMMENT ON COLUMN stream_gaps.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS stream_gaps_by_instrument ON stream_gaps (instrument_id, gap_start);

CREATE TABLE IF NOT EXISTS stream_latency (
    run_id text NOT NULL,
    dataset text NOT NULL,
    ts timestamptz NOT NULL,
    shard text NOT NULL,
    rows bigint NOT NULL,
    dropped bigint NOT NULL,
    received_p50_ms double precision,
    received_p99_ms double precision,
    queryable_p50_ms double precision,
    queryable_p99_ms double precision,
    queryable_max_ms double precision,
    PRIMARY KEY (run_id, dataset, ts)
);
COMMENT ON TABLE stream_latency IS 'How fast rows came and were stored, per run and table, over a few seconds each.';
COMMENT ON COLUMN stream_latency.run_id IS 'Run (stream_workers).';
COMMENT ON COLUMN stream_latency.dataset IS 'Table.';
COMMENT ON COLUMN stream_latency.ts IS 'Start of the interval, by our clock.';
COMMENT ON COLUMN stream_latency.shard IS 'Shard of the run.';
COMMENT ON COLUMN stream_latency.rows IS 'Rows stored in it.';
COMMENT ON COLUMN stream_latency.dropped IS 'Rows let go in it (stream_gaps).';
COMMENT ON COLUMN stream_latency.received_p50_ms IS 'Median time from the venue''s clock to us, in milliseconds; below 0 where clocks differ.';
COMMENT ON COLUMN stream_latency.received_p99_ms IS '99th percentile of that time, in milliseconds.';
COMMENT ON COLUMN stream_latency.queryable_p50_ms IS 'Median time from receipt until it could be read, in milliseconds.';
COMMENT ON COLUMN stream_latency.queryable_p99_ms IS '99th percentile of that time, in milliseconds.';
COMMENT ON COLUMN stream_latency.queryable_max_ms IS 'The longest of these times, in milliseconds.';
CREATE INDEX IF NOT EXISTS stream_latency_by_time ON stream_latency (ts);

CREATE OR REPLACE PROCEDURE keep_in_chunks(
    name regclass, chunk interval, segments text, sorted text, packed_after interval, kept_for interval DEFAULT NULL
)
LANGUAGE plpgsql AS $procedure$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    PERFORM create_hypertable(name, by_range('ts', chunk), if_not_exists => true);
    EXECUTE format(
        'ALTER TABLE %s SET (timescaledb.enable_columnstore, timescaledb.segmentby = %L, timescaledb.orderby = %L)',
        name, segments, sorted
    );
    EXECUTE format('CALL add_columnstore_policy(%L, after => %L::interval, if_not_exists => true)', name, packed_after);
    IF kept_for IS NOT NULL THEN
        PERFORM add_retention_policy(name, kept_for, if_not_exists => true);
    END IF;
END $procedure$;
COMMENT ON PROCEDURE keep_in_chunks IS 'Make a table a hypertable by ts whose old chunks are packed into columns, and dropped after a while if that is given; without TimescaleDB nothing.';

CALL keep_in_chunks('order_book_snapshots', '1 day', 'instrument_id', 'ts', '2 days', '30 days');
CALL keep_in_chunks('trades_1s', '7 days', 'instrument_id', 'ts', '2 days', '365 days');
CALL keep_in_chunks('liquidity_zones', '7 days', 'instrument_id', 'ts', '2 days', '90 days');

DO $retention$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        -- what the chunks are to retention there; rows come in order of time, so that a few pages tell of all
        CREATE INDEX IF NOT EXISTS order_book_snapshots_by_time ON order_book_snapshots USING brin (ts);
        CREATE INDEX IF NOT EXISTS trades_1s_by_time ON trades_1s USING brin (ts);
        CREATE INDEX IF NOT EXISTS liquidity_zones_by_time ON liquidity_zones USING brin (ts);
    END IF;
END $retention$;
