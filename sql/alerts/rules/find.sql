SELECT rule_id FROM alert_rules WHERE lower(name) = lower(%(name)s)
