CREATE OR REPLACE VIEW volume_profiles AS
SELECT i.venue, i.symbol, (v.ts AT TIME ZONE 'UTC')::date AS day,
    v.poc, v.value_area_low, v.value_area_high, v.volume, v.minutes, v.bin_width, v.bin_prices, v.bin_volumes,
    v.known_at, v.logic_version, v.created_at,
    v.instrument_id
FROM volume_profile_days AS v
JOIN instruments AS i USING (instrument_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM volume_profile_days AS n
        WHERE n.instrument_id = v.instrument_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW volume_profiles IS 'How much of each symbol was traded at which price on each UTC day that is over, in the newest version.';
COMMENT ON COLUMN volume_profiles.venue IS 'Venue.';
COMMENT ON COLUMN volume_profiles.symbol IS 'Unified symbol.';
COMMENT ON COLUMN volume_profiles.day IS 'UTC day.';
COMMENT ON COLUMN volume_profiles.poc IS 'Point of control: middle of the price bin with the most volume; null where nothing was traded.';
COMMENT ON COLUMN volume_profiles.value_area_low IS 'Lower edge of the value area: 70 % of the volume around the point of control.';
COMMENT ON COLUMN volume_profiles.value_area_high IS 'Upper edge of the value area.';
COMMENT ON COLUMN volume_profiles.volume IS 'Volume of the day, in base units.';
COMMENT ON COLUMN volume_profiles.minutes IS 'Candles it was made of.';
COMMENT ON COLUMN volume_profiles.bin_width IS 'Width of a price bin, in quote units.';
COMMENT ON COLUMN volume_profiles.bin_prices IS 'Lower edges of the bins, ascending.';
COMMENT ON COLUMN volume_profiles.bin_volumes IS 'Volume in each bin, in base units.';
COMMENT ON COLUMN volume_profiles.known_at IS 'When it could first be known: the end of the day.';
COMMENT ON COLUMN volume_profiles.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_profiles.created_at IS 'When the present values were made.';
COMMENT ON COLUMN volume_profiles.instrument_id IS 'Key of the instrument, for joins.';
