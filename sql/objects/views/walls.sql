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
COMMENT ON VIEW walls IS 'The life of every wall, a large resting order near the market: when and where it appeared, and what became of it.';
COMMENT ON COLUMN walls.venue IS 'Venue.';
COMMENT ON COLUMN walls.symbol IS 'Unified symbol.';
COMMENT ON COLUMN walls.side IS 'bid or ask.';
COMMENT ON COLUMN walls.price IS 'Its price, in quote units.';
COMMENT ON COLUMN walls.appeared_at IS 'When it appeared, by the venue''s clock.';
COMMENT ON COLUMN walls.ended_at IS 'When it ended, by the venue''s clock; null while it stands.';
COMMENT ON COLUMN walls.outcome IS 'consumed: trades took it; pulled: it vanished, and trades do not explain it; ended: no longer followed, see ended_with; open: it stands, as far as told: a book that is not proven just now is waited for.';
COMMENT ON COLUMN walls.ended_with IS 'traded; untraded or partly_traded (of pulled ones); out_of_reach: price went away; out_of_sight: gone when its price was in sight again; unknown: the book was lost, or trades were not heard.';
COMMENT ON COLUMN walls.began_with IS 'placed, found (it rested already when it was first seen; version 1: snapshot) or came_into_reach.';
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
COMMENT ON COLUMN walls.peak_notional_usd IS 'The same in USD; null where what a quote unit was worth is not known.';
COMMENT ON COLUMN walls.first_seen IS 'Since when it rests, by the venue''s clock.';
COMMENT ON COLUMN walls.age_at_least IS 'Whether it may have rested for longer: it was there when it was first seen.';
