-- Keep the definition of a chart pattern; that of a released version is never another.
INSERT INTO chart_pattern_definitions (pattern, logic_version, nature, by_chance, description, rules)
VALUES (%(pattern)s, %(logic_version)s, %(nature)s, %(by_chance)s, %(description)s, %(rules)s)
ON CONFLICT (pattern, logic_version) DO NOTHING
