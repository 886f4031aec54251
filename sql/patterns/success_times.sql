-- As of which moments success rates (version $1) of a configuration ($2) are there.
SELECT DISTINCT ts AS as_of
FROM pattern_success_rates
WHERE logic_version = $1 AND configuration_version = $2
ORDER BY ts
