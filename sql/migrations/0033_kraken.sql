-- A fifth venue, and the source that its older candles come from.

INSERT INTO venues (venue, fetched, description) VALUES ('kraken', true, 'Kraken, spot')
ON CONFLICT (venue) DO UPDATE SET fetched = excluded.fetched,
    description = coalesce(nullif(venues.description, ''), excluded.description);

INSERT INTO sources (source_id, source, description) VALUES
    (7, 'trades', 'Made of the venue''s trades over REST, where its candles do not go back far enough')
ON CONFLICT (source_id) DO NOTHING;

COMMENT ON COLUMN sources.source IS 'Name: archive, rest, mirror, stream, import, yahoo, trades.';
