CREATE OR REPLACE FUNCTION mark_derived_dirty(p_instrument_ids integer[], p_days date[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO derived_dirty (dataset, instrument_id, day)
    SELECT s.dataset, d.instrument_id, d.day
    FROM (SELECT DISTINCT * FROM unnest(p_instrument_ids, p_days) AS u (instrument_id, day)) AS d
    CROSS JOIN derived_datasets AS s
    ORDER BY s.dataset, d.instrument_id, d.day
    ON CONFLICT (dataset, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
$$;
COMMENT ON FUNCTION mark_derived_dirty(integer[], date[]) IS
    'Note that bars of these instruments and days changed, so that what is derived from them is computed anew.';
