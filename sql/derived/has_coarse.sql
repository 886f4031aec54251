-- Whether an instrument has bars of a timeframe that were not made of minutes.
SELECT EXISTS (
    SELECT FROM coarse_bars WHERE instrument_id = %(instrument_id)s AND timeframe_id = %(timeframe_id)s
) AS has_coarse
