CREATE OR REPLACE VIEW cot_weeks AS
SELECT c.base, c.name, c.contract, r.report, e.ts, e.due_at, e.normal_due_at, p.ts AS told_ts, p.known_at,
    CASE
        WHEN p.ts IS NOT NULL THEN 'told'
        WHEN e.due_at > clock_timestamp() AND e.normal_due_at <= clock_timestamp() THEN 'put off'
        WHEN e.due_at > clock_timestamp() THEN 'not due'
        ELSE 'missing'
    END AS state,
    coalesce(e.reason, CASE WHEN p.ts IS NULL AND e.due_at <= clock_timestamp()
            THEN 'the provider had no report of this contract, or it was not asked' END) AS reason
FROM institutional_releases AS e
JOIN institutional_contracts AS c ON c.provider = e.provider AND c.since <= (e.ts AT TIME ZONE 'UTC')::date
CROSS JOIN (VALUES ('futures'), ('combined')) AS r (report)
LEFT JOIN LATERAL (
    SELECT p.ts, min(p.known_at) AS known_at
    FROM institutional_positions AS p
    WHERE p.provider = e.provider AND p.contract = c.contract AND p.report = r.report
        AND p.ts >= date_trunc('week', e.ts, 'UTC') AND p.ts < date_trunc('week', e.ts, 'UTC') + INTERVAL '168 hours'
    GROUP BY p.ts
    ORDER BY p.ts DESC
    LIMIT 1
) AS p ON true;
COMMENT ON VIEW cot_weeks IS 'Each weekly report that is to be expected of a contract: whether it came, when, and why it is missing or late.';
COMMENT ON COLUMN cot_weeks.base IS 'Coin.';
COMMENT ON COLUMN cot_weeks.name IS 'Name of the contract.';
COMMENT ON COLUMN cot_weeks.contract IS 'The CFTC''s code of the contract.';
COMMENT ON COLUMN cot_weeks.report IS 'futures or combined.';
COMMENT ON COLUMN cot_weeks.ts IS 'Day that the report is to be about (UTC midnight of it).';
COMMENT ON COLUMN cot_weeks.due_at IS 'When it is, or was, to come out.';
COMMENT ON COLUMN cot_weeks.normal_due_at IS 'When it would have come out without what put it off.';
COMMENT ON COLUMN cot_weeks.told_ts IS 'Day that the report of this week is about; null where none came.';
COMMENT ON COLUMN cot_weeks.known_at IS 'When it could first be known; null where none came.';
COMMENT ON COLUMN cot_weeks.state IS 'told; not due; put off: it would have been due, and comes later; missing: it is due and is not there.';
COMMENT ON COLUMN cot_weeks.reason IS 'Why it came late or is missing: a holiday, a shutdown, an incident; null where nothing is known to have put it off.';
