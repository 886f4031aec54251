-- How many coins the newest live total of a provider is of, if that is of the last day.
SELECT coins
FROM stablecoin_supply
WHERE provider = %(provider)s AND stablecoin = 'all' AND sampled = 'live'
    AND ts > (SELECT max(ts) FROM stablecoin_supply WHERE stablecoin = 'all' AND sampled = 'live') - INTERVAL '24 hours'
ORDER BY ts DESC
LIMIT 1
