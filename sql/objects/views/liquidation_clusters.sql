CREATE OR REPLACE VIEW liquidation_clusters AS
WITH gaps AS (
    SELECT i.venue, i.symbol, l.*, coalesce(l.average_price, l.price) AS counted_price,
        coalesce(
            l.ts - lag(l.ts) OVER (
                PARTITION BY i.venue, i.symbol, l.instrument_id, l.position_side
                ORDER BY l.ts, l.price, l.size, l.occurrence
            ) > INTERVAL '60 seconds', true
        ) AS begins
    FROM liquidations AS l
    JOIN instruments AS i USING (instrument_id)
),

numbered AS (
    SELECT *,
        count(*) FILTER (WHERE begins) OVER (
            PARTITION BY venue, symbol, instrument_id, position_side ORDER BY ts, price, size, occurrence
        ) AS cluster
    FROM gaps
)

SELECT venue, symbol, position_side, min(ts) AS began_at, max(ts) AS ended_at,
    extract(epoch FROM max(ts) - min(ts))::double precision AS seconds, count(*) AS liquidations,
    sum(base_amount) AS base_amount, sum(notional) AS notional, sum(notional_usd) AS notional_usd,
    max(notional) AS largest_notional,
    (array_agg(counted_price ORDER BY ts, price, size, occurrence))[1] AS first_price,
    (array_agg(counted_price ORDER BY ts DESC, price DESC, size DESC, occurrence DESC))[1] AS last_price,
    CASE position_side WHEN 'long' THEN min(counted_price) ELSE max(counted_price) END AS extreme_price,
    max(known_at) AS known_at, instrument_id
FROM numbered
GROUP BY venue, symbol, instrument_id, position_side, cluster;
COMMENT ON VIEW liquidation_clusters IS 'Liquidations of one instrument and side that follow each other within 60 seconds, as one row. A cluster of many and of much is a cascade.';
COMMENT ON COLUMN liquidation_clusters.venue IS 'Venue.';
COMMENT ON COLUMN liquidation_clusters.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidation_clusters.position_side IS 'Which positions were closed: long or short.';
COMMENT ON COLUMN liquidation_clusters.began_at IS 'Time of its first liquidation, by the venue''s clock.';
COMMENT ON COLUMN liquidation_clusters.ended_at IS 'Time of its last liquidation, by the venue''s clock. For 60 seconds after it the cluster may still go on.';
COMMENT ON COLUMN liquidation_clusters.seconds IS 'From the first to the last.';
COMMENT ON COLUMN liquidation_clusters.liquidations IS 'How many were told.';
COMMENT ON COLUMN liquidation_clusters.base_amount IS 'What was closed, in base units. Null where none can be converted.';
COMMENT ON COLUMN liquidation_clusters.notional IS 'What was closed, in quote units. Null where none can be converted.';
COMMENT ON COLUMN liquidation_clusters.notional_usd IS 'The same in USD. Null where that is not known.';
COMMENT ON COLUMN liquidation_clusters.largest_notional IS 'The largest of them, in quote units.';
COMMENT ON COLUMN liquidation_clusters.first_price IS 'Price of the first: its average price, or that of the order where that is not told.';
COMMENT ON COLUMN liquidation_clusters.last_price IS 'Price of the last, in the same way.';
COMMENT ON COLUMN liquidation_clusters.extreme_price IS 'Lowest such price of a cluster of longs, highest of one of shorts.';
COMMENT ON COLUMN liquidation_clusters.known_at IS 'When the last of them was known here.';
COMMENT ON COLUMN liquidation_clusters.instrument_id IS 'Key of the instrument, for joins.';
