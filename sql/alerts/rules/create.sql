SELECT create_alert_rule(
    %(name)s, %(expression)s, %(venue)s, %(symbol)s, %(watchlist)s, %(mode)s, %(cool_down)s, %(expires_at)s,
    %(sinks)s::text[], %(severity)s, %(created_by)s, %(enabled)s
) AS rule_id
