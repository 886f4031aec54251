-- What was found when the expression was read.
UPDATE alert_rules SET reads = %(reads)s::text[], evaluator = %(evaluator)s, problem = %(problem)s
WHERE rule_id = %(rule_id)s AND expression = %(expression)s
    AND (reads, evaluator, problem) IS DISTINCT FROM (%(reads)s::text[], %(evaluator)s, %(problem)s)
