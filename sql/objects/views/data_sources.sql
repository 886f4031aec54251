CREATE OR REPLACE VIEW data_sources AS
SELECT d.dataset, c.source, c.collector, c.rank, s.state, s.state = 'answers' AND c.rank = min(c.rank) FILTER (
        WHERE s.state = 'answers') OVER (PARTITION BY d.dataset) AS serves,
    coalesce(c.off_because, CASE WHEN s.state <> 'answers' THEN c.error END, CASE s.state
            WHEN 'silent' THEN 'nothing came for more than three rounds' WHEN 'waiting' THEN 'not asked yet' END) AS why,
    c.every, c.answered_at, c.rows, c.latency_ms, c.failures
FROM collectors AS c
CROSS JOIN LATERAL unnest(c.datasets) AS d (dataset)
CROSS JOIN LATERAL (
    SELECT CASE
            WHEN c.off_because IS NOT NULL THEN 'off'
            WHEN c.answered_at IS NULL AND c.failures = 0
                AND c.declared_at > clock_timestamp() - greatest(3 * c.every, INTERVAL '3 minutes') THEN 'waiting'
            WHEN c.answered_at IS NULL AND c.failures = 0 THEN 'silent'
            WHEN c.answered_at IS NULL THEN 'fails'
            WHEN c.answered_at > clock_timestamp() - greatest(3 * c.every, INTERVAL '3 minutes') THEN 'answers'
            WHEN c.failures > 0 THEN 'fails'
            ELSE 'silent'
        END AS state
) AS s;
COMMENT ON VIEW data_sources IS 'Which source serves which data set that is collected, and why another does not.';
COMMENT ON COLUMN data_sources.dataset IS 'Data set.';
COMMENT ON COLUMN data_sources.source IS 'Venue or provider; alphapulse where rows are computed of collected ones.';
COMMENT ON COLUMN data_sources.collector IS 'Question that is asked (collectors).';
COMMENT ON COLUMN data_sources.rank IS 'Which of several sources it is: 1 comes first.';
COMMENT ON COLUMN data_sources.state IS 'answers, fails, silent (nothing came for more than three rounds, and three minutes), waiting (not asked yet) or off.';
COMMENT ON COLUMN data_sources.serves IS 'Whether it serves the data set now: it answers, and none before it does.';
COMMENT ON COLUMN data_sources.why IS 'Why it does not answer; null where it does.';
COMMENT ON COLUMN data_sources.every IS 'How often it is asked.';
COMMENT ON COLUMN data_sources.answered_at IS 'When it last answered.';
COMMENT ON COLUMN data_sources.rows IS 'Valid rows of its latest answer.';
COMMENT ON COLUMN data_sources.latency_ms IS 'Milliseconds from asking until the rows were stored.';
COMMENT ON COLUMN data_sources.failures IS 'Rounds in a row that failed.';
