-- Its alerts stay.
DELETE FROM alert_rules WHERE rule_id = %(rule_id)s
