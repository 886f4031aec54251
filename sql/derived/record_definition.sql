-- Keep the definition of an indicator; one that says the same is left alone.
INSERT INTO indicator_definitions AS known (
    name, logic_version, parameters, formula_version, warm_up, description, source, unit, undefined
)
VALUES (
    %(name)s, %(logic_version)s, %(parameters)s, %(formula_version)s, %(warm_up)s, %(description)s, %(source)s,
    %(unit)s, %(undefined)s
)
ON CONFLICT (name, logic_version) DO UPDATE SET
    parameters = excluded.parameters, formula_version = excluded.formula_version, warm_up = excluded.warm_up,
    description = excluded.description, source = excluded.source, unit = excluded.unit, undefined = excluded.undefined
WHERE (known.parameters, known.formula_version, known.warm_up, known.description, known.source, known.unit, known.undefined)
    IS DISTINCT FROM (excluded.parameters, excluded.formula_version, excluded.warm_up, excluded.description,
        excluded.source, excluded.unit, excluded.undefined)
