-- Coins that texts may be about: those of all instruments.
SELECT DISTINCT base AS coin FROM instruments ORDER BY base
