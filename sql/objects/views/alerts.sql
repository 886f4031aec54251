CREATE OR REPLACE VIEW alerts AS
SELECT i.venue, i.symbol, a.ts, a.kind, a.severity, a.title, a.detail, a.reference, a.known_at, d.delivery,
    d.delivered_at, d.deliveries, a.logic_version, a.instrument_id, a.alert_id, a.rule_id, k.acknowledged_at, k.acknowledged_by
FROM order_book_alerts AS a
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT CASE
            WHEN bool_or(o.outcome = 'failed') THEN 'failed'
            WHEN bool_or(o.outcome = 'delivered') THEN 'delivered'
            WHEN bool_or(o.outcome = 'suppressed') THEN 'suppressed'
        END AS delivery,
        max(o.settled_at) FILTER (WHERE o.outcome = 'delivered') AS delivered_at,
        jsonb_object_agg(o.sink, jsonb_build_object('outcome', o.outcome, 'attempts', o.attempts, 'error', o.error))
            AS deliveries
    FROM alert_deliveries AS o
    WHERE o.instrument_id = a.instrument_id AND o.ts = a.ts AND o.kind = a.kind AND o.reference = a.reference
) AS d ON true
LEFT JOIN LATERAL (
    SELECT min(o.acknowledged_at) AS acknowledged_at,
        string_agg(o.acknowledged_by, ', ' ORDER BY o.acknowledged_at) AS acknowledged_by
    FROM alert_acknowledgements AS o WHERE o.alert_id = a.alert_id
) AS k ON true
UNION ALL
SELECT i.venue, coalesce(i.symbol, m.subject), m.ts, m.kind, m.severity, m.title, m.detail, m.reference, m.known_at,
    m.delivery, m.delivered_at,
    coalesce(m.deliveries, CASE WHEN m.delivery IS NOT NULL THEN
        jsonb_build_object('webhook', jsonb_build_object('outcome', m.delivery, 'error', m.delivery_error)) END),
    m.logic_version, m.instrument_id, m.alert_id, NULL::integer, k.acknowledged_at, k.acknowledged_by
FROM market_alerts AS m
LEFT JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT min(o.acknowledged_at) AS acknowledged_at,
        string_agg(o.acknowledged_by, ', ' ORDER BY o.acknowledged_at) AS acknowledged_by
    FROM alert_acknowledgements AS o WHERE o.alert_id = m.alert_id
) AS k ON true;
COMMENT ON VIEW alerts IS 'Alerts, and whether they reached somebody.';
COMMENT ON COLUMN alerts.venue IS 'Venue; null of what is about no instrument.';
COMMENT ON COLUMN alerts.symbol IS 'Unified symbol; of what is about no instrument, what it is about.';
COMMENT ON COLUMN alerts.ts IS 'When it happened: the venue''s clock for what the venue told, ours for book_stale; of a signal or a rule on bars the close of its bar.';
COMMENT ON COLUMN alerts.kind IS 'imbalance, whale, sweep, signal, liquidation_cascade; rule: of a rule of one''s own; of what is collected: funding_extreme, open_interest_jump, dominance_shift, sentiment_spike, story_cluster; of streams: book_stale, book_lagging, trades_silent, candles_silent, subscription_refused, clock_offset (filed under one symbol of its venue).';
COMMENT ON COLUMN alerts.severity IS 'info, warning or critical.';
COMMENT ON COLUMN alerts.title IS 'The alert in a sentence.';
COMMENT ON COLUMN alerts.detail IS 'The figures behind it; of a rule: its name, expression and mode, and in values what it read.';
COMMENT ON COLUMN alerts.reference IS 'Tells alerts of one kind and moment apart: of a signal the timeframe; of a rule its number and what came; empty where there can be one only.';
COMMENT ON COLUMN alerts.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN alerts.delivery IS 'failed: somewhere it was given up; delivered: it arrived; suppressed: left out, as there were more than the rate allowed; null: sent nowhere, or not settled yet.';
COMMENT ON COLUMN alerts.delivered_at IS 'When it last arrived somewhere.';
COMMENT ON COLUMN alerts.deliveries IS 'Outcome, attempts and error by sink; null where there are none.';
COMMENT ON COLUMN alerts.logic_version IS 'Version of the rules that made it; of a rule of one''s own its revision.';
COMMENT ON COLUMN alerts.instrument_id IS 'Key of the instrument, for joins; null where there is none.';
COMMENT ON COLUMN alerts.alert_id IS 'Its number: what is acknowledged by.';
COMMENT ON COLUMN alerts.rule_id IS 'Rule of one''s own that fired (alert_rules); null of all other kinds.';
COMMENT ON COLUMN alerts.acknowledged_at IS 'When somebody first said that they have seen it; null: nobody did.';
COMMENT ON COLUMN alerts.acknowledged_by IS 'Who said so, separated by commas.';
