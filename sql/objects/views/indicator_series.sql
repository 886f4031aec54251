CREATE OR REPLACE VIEW indicator_series AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, d.name AS indicator, v.outputs[d.place] AS value, d.unit, d.series,
    v.known_at, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id
FROM indicator_series_definitions AS d
JOIN indicator_series_values AS v USING (logic_version)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE NOT EXISTS (
    SELECT FROM indicator_series_definitions AS n
    JOIN indicator_series_values AS w USING (logic_version)
    WHERE n.name = d.name AND n.formula_version > d.formula_version
        AND w.instrument_id = v.instrument_id AND w.timeframe_id = v.timeframe_id AND w.ts = v.ts
);
COMMENT ON VIEW indicator_series IS 'Indicators of one''s own parameters (ALPHAPULSE_INDICATORS__EXTRA) at closed bars: a row per bar and value, in the newest version of its formula.';
COMMENT ON COLUMN indicator_series.venue IS 'Venue.';
COMMENT ON COLUMN indicator_series.symbol IS 'Unified symbol.';
COMMENT ON COLUMN indicator_series.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN indicator_series.ts IS 'Open time of the bar.';
COMMENT ON COLUMN indicator_series.indicator IS 'Name of the value, such as ema_34 (indicator_catalogue).';
COMMENT ON COLUMN indicator_series.value IS 'The value, in its unit; null during the warm-up and where it is not defined.';
COMMENT ON COLUMN indicator_series.unit IS 'Unit of the value.';
COMMENT ON COLUMN indicator_series.series IS 'The series that the value is of, such as keltner_20_2_10.';
COMMENT ON COLUMN indicator_series.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN indicator_series.logic_version IS 'Series and version of its formula (indicator_series_definitions).';
COMMENT ON COLUMN indicator_series.created_at IS 'When the present values were made.';
COMMENT ON COLUMN indicator_series.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN indicator_series.timeframe_id IS 'Key of the timeframe, for joins.';
