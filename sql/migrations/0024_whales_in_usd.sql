-- Whales in one currency, walls that go on through pauses of proof, and how deep books are asked for.

ALTER TABLE whale_activities ADD COLUMN IF NOT EXISTS notional_usd double precision;
COMMENT ON COLUMN whale_activities.notional IS 'What that size is worth, in quote units.';
COMMENT ON COLUMN whale_activities.notional_usd IS 'The same in USD, by the rate in evidence (usd_rate). Null: what a quote unit was worth is not known (usd_rate is "unknown"; large then means large beside the symbol''s own levels and trades), or the row is from before this column.';
COMMENT ON COLUMN whale_activities.cause IS 'Why: placed, found (it rested already when it was first seen), came_into_reach, added, taken_from, traded, untraded, partly_traded, unknown (the book was lost, or trades were not heard), out_of_sight (gone when its price was in sight again), out_of_reach ... Version 1 said snapshot for found.';
COMMENT ON COLUMN whale_activities.evidence IS 'The figures behind it; of a wall: since (when it was told first, epoch seconds; the same in all rows of one wall), first_seen and age (since when it rests, and for how long; with at_least it may have rested for longer), peak_size, first_distance_bps, removed, traded, refills.';

ALTER TABLE order_book_status ADD COLUMN IF NOT EXISTS levels integer;
ALTER TABLE order_book_status ADD COLUMN IF NOT EXISTS usd_rate double precision;
ALTER TABLE order_book_status ADD COLUMN IF NOT EXISTS usd_rate_source text;
COMMENT ON COLUMN order_book_status.levels IS 'Levels a side that the book was asked for: what lies beyond is unknown unless there are fewer. Null: all there are, or no book came yet.';
COMMENT ON COLUMN order_book_status.usd_rate IS 'What a unit of the quote currency is taken to be worth in USD, for telling what is a whale; null: not known.';
COMMENT ON COLUMN order_book_status.usd_rate_source IS 'Where that is from: USD, given (by who runs this), stablecoin, the markets whose closes give it, table (built in, rounded), unknown.';

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
    life.suspected_spoof, a.known_at, coalesce(e.known_at, lost.ts) AS end_known_at, a.logic_version, a.instrument_id,
    life.peak_notional_usd,
    to_timestamp(coalesce((a.evidence ->> 'first_seen')::double precision, extract(epoch FROM a.ts))) AS first_seen,
    coalesce((a.evidence ->> 'at_least')::boolean, a.cause <> 'placed') AS age_at_least
FROM whale_activities AS a
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT max((l.evidence ->> 'peak_size')::double precision) AS peak_size,
        max(l.notional) AS peak_notional,
        max(l.notional_usd) AS peak_notional_usd,
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
    -- a run that was killed tells of no end: its book's is told by the run after it, or that one begins
    SELECT v.ts
    FROM order_book_events AS v
    WHERE e.kind IS NULL AND v.instrument_id = a.instrument_id AND v.ts > a.known_at
        AND (v.state_after = 'stopped' OR v.state_before = 'none')
    ORDER BY v.ts
    LIMIT 1
) AS lost ON true
WHERE a.kind = 'wall_appeared';
COMMENT ON COLUMN walls.outcome IS 'consumed: trades took it; pulled: it vanished, and trades do not explain it; ended: no longer followed, see ended_with; open: it stands, as far as told: a book that is not proven just now is waited for.';
COMMENT ON COLUMN walls.ended_with IS 'traded; untraded or partly_traded (of pulled ones); out_of_reach: price went away; out_of_sight: gone when its price was in sight again; unknown: the book was lost, or trades were not heard.';
COMMENT ON COLUMN walls.began_with IS 'placed, found (it rested already when it was first seen; version 1: snapshot) or came_into_reach.';
COMMENT ON COLUMN walls.peak_notional_usd IS 'The same in USD; null where what a quote unit was worth is not known.';
COMMENT ON COLUMN walls.first_seen IS 'Since when it rests, by the venue''s clock.';
COMMENT ON COLUMN walls.age_at_least IS 'Whether it may have rested for longer: it was there when it was first seen.';
