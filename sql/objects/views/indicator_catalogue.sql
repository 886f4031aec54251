CREATE OR REPLACE VIEW indicator_catalogue AS
SELECT d.name, 'indicators' AS relation, NULL::text AS series, d.description, d.unit, d.warm_up, d.undefined, d.parameters,
    d.source, d.formula_version, true AS kept_up
FROM indicator_definitions AS d
WHERE d.logic_version = (SELECT max(logic_version) FROM indicator_definitions)
UNION ALL
SELECT s.name, 'indicator_series' AS relation, s.series, s.description, s.unit, s.warm_up, s.undefined, s.parameters,
    s.source, s.formula_version,
    EXISTS (SELECT FROM derived_datasets AS k WHERE k.dataset = 'indicator_series ' || s.series) AS kept_up
FROM indicator_series_definitions AS s
WHERE NOT EXISTS (
    SELECT FROM indicator_series_definitions AS n WHERE n.name = s.name AND n.formula_version > s.formula_version
);
COMMENT ON VIEW indicator_catalogue IS 'Every indicator there is by name: the columns of indicators, and the values of the series that the settings ask for or once asked for.';
COMMENT ON COLUMN indicator_catalogue.name IS 'Name: of a column of indicators, or in indicator_series.indicator.';
COMMENT ON COLUMN indicator_catalogue.relation IS 'Where its values are: indicators or indicator_series.';
COMMENT ON COLUMN indicator_catalogue.series IS 'The series that it is a value of; null for columns of indicators.';
COMMENT ON COLUMN indicator_catalogue.description IS 'What it is.';
COMMENT ON COLUMN indicator_catalogue.unit IS 'Unit of the values: price values are drawn on the price, others in a pane of their own.';
COMMENT ON COLUMN indicator_catalogue.warm_up IS 'Bars needed for the first value; it is null before.';
COMMENT ON COLUMN indicator_catalogue.undefined IS 'When it is null after the warm-up; empty: never.';
COMMENT ON COLUMN indicator_catalogue.parameters IS 'Windows, factors and anchors by name.';
COMMENT ON COLUMN indicator_catalogue.source IS 'Whose formula it is, or ours.';
COMMENT ON COLUMN indicator_catalogue.formula_version IS 'Version of the formula.';
COMMENT ON COLUMN indicator_catalogue.kept_up IS 'Whether new bars get it; false: the settings do not ask for it any more.';
