CREATE OR REPLACE VIEW liquidations_1m AS
SELECT i.venue, i.symbol, date_trunc('minute', l.ts, 'UTC') AS ts,
    count(*) FILTER (WHERE l.position_side = 'long') AS longs,
    count(*) FILTER (WHERE l.position_side = 'short') AS shorts,
    coalesce(sum(l.base_amount) FILTER (WHERE l.position_side = 'long'), 0) AS long_base,
    coalesce(sum(l.base_amount) FILTER (WHERE l.position_side = 'short'), 0) AS short_base,
    coalesce(sum(l.notional) FILTER (WHERE l.position_side = 'long'), 0) AS long_notional,
    coalesce(sum(l.notional) FILTER (WHERE l.position_side = 'short'), 0) AS short_notional,
    coalesce(sum(l.notional_usd) FILTER (WHERE l.position_side = 'long'), 0) AS long_usd,
    coalesce(sum(l.notional_usd) FILTER (WHERE l.position_side = 'short'), 0) AS short_usd,
    max(l.notional) AS largest_notional, count(*) FILTER (WHERE l.notional IS NULL) AS not_converted,
    count(*) FILTER (WHERE l.notional_usd IS NULL) AS not_in_usd, max(l.known_at) AS known_at, l.instrument_id
FROM liquidations AS l
JOIN instruments AS i USING (instrument_id)
GROUP BY i.venue, i.symbol, l.instrument_id, date_trunc('minute', l.ts, 'UTC');
COMMENT ON VIEW liquidations_1m IS 'Liquidations of each minute by side. A minute without a row had none that was told: whether anybody listened is in liquidation_listening.';
COMMENT ON COLUMN liquidations_1m.venue IS 'Venue.';
COMMENT ON COLUMN liquidations_1m.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidations_1m.ts IS 'Start of the minute, by the venue''s clock.';
COMMENT ON COLUMN liquidations_1m.longs IS 'Long positions that were closed.';
COMMENT ON COLUMN liquidations_1m.shorts IS 'Short positions that were closed.';
COMMENT ON COLUMN liquidations_1m.long_base IS 'What was closed of long positions, in base units; without those that cannot be converted.';
COMMENT ON COLUMN liquidations_1m.short_base IS 'What was closed of short positions, in base units; without those that cannot be converted.';
COMMENT ON COLUMN liquidations_1m.long_notional IS 'What was closed of long positions, in quote units; without those that cannot be converted.';
COMMENT ON COLUMN liquidations_1m.short_notional IS 'What was closed of short positions, in quote units; without those that cannot be converted.';
COMMENT ON COLUMN liquidations_1m.long_usd IS 'The same of long positions in USD; without those of which that is not known (not_in_usd).';
COMMENT ON COLUMN liquidations_1m.short_usd IS 'The same of short positions in USD; without those of which that is not known (not_in_usd).';
COMMENT ON COLUMN liquidations_1m.largest_notional IS 'The largest of them, in quote units. Null where none can be converted.';
COMMENT ON COLUMN liquidations_1m.not_converted IS 'How many are in no sum but those of counts.';
COMMENT ON COLUMN liquidations_1m.not_in_usd IS 'How many are in no sum in USD.';
COMMENT ON COLUMN liquidations_1m.known_at IS 'When the last of them was known here.';
COMMENT ON COLUMN liquidations_1m.instrument_id IS 'Key of the instrument, for joins.';
