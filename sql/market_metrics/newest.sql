-- The newest that a provider told of the whole market.
SELECT * FROM market_metrics WHERE provider = %(provider)s ORDER BY ts DESC LIMIT 1
