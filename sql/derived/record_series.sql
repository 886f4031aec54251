-- Keep the definition of a value of an indicator series; one that says the same is left alone.
INSERT INTO indicator_series_definitions AS known (
    logic_version, place, name, series, parameters, formula_version, warm_up, description, source, unit, undefined
)
VALUES (
    %(logic_version)s, %(place)s, %(name)s, %(series)s, %(parameters)s, %(formula_version)s, %(warm_up)s,
    %(description)s, %(source)s, %(unit)s, %(undefined)s
)
ON CONFLICT (logic_version, place) DO UPDATE SET
    parameters = excluded.parameters, warm_up = excluded.warm_up, description = excluded.description,
    source = excluded.source, unit = excluded.unit, undefined = excluded.undefined
WHERE (known.parameters, known.warm_up, known.description, known.source, known.unit, known.undefined)
    IS DISTINCT FROM (excluded.parameters, excluded.warm_up, excluded.description, excluded.source, excluded.unit,
        excluded.undefined)
