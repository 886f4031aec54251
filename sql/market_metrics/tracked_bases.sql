-- What is traded as tracked symbols.
SELECT DISTINCT base FROM instruments WHERE tracked AND base IS NOT NULL
