-- Signals that live at a moment: not over by their votes, and not closed by a later opposite signal of their timeframe.
-- Ten weeks of life and a bar of a week: none that lives began 80 days before.
CREATE OR REPLACE FUNCTION signal_risk(p_at timestamptz)
RETURNS TABLE (
    venue text, symbol text, timeframe text, ts timestamptz, known_at timestamptz, signal text, entry double precision,
    stop double precision, target double precision, expires_at timestamptz, size double precision,
    notional double precision, risk double precision, risk_share double precision, symbol_risk_share double precision,
    total_risk_share double precision, total_limit double precision, size_within_total double precision,
    risk_limited_by text, configuration_version integer, logic_version integer, instrument_id integer
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH near AS (
        SELECT s.*, sign(s.score) AS way
        FROM signals AS s
        WHERE s.known_at <= p_at AND s.ts >= p_at - 80 * INTERVAL '24 hours' AND s.ts < p_at AND s.signal <> 'neutral'
    ), live AS (
        SELECT n.*, coalesce((k.configuration -> 'sizing' ->> 'total_risk_fraction')::double precision, 1.0) AS total_limit
        FROM near AS n
        JOIN pattern_configurations AS k ON k.version = n.configuration_version
        WHERE n.expires_at > p_at AND NOT EXISTS (
            SELECT FROM near AS o
            WHERE o.instrument_id = n.instrument_id AND o.timeframe_id = n.timeframe_id AND o.known_at > n.known_at
                AND o.way = -n.way
        )
    ), added AS (
        SELECT l.*, coalesce(l.risk_share, 0) AS share,
            sum(coalesce(l.risk_share, 0)) OVER (PARTITION BY l.instrument_id) AS of_symbol,
            sum(coalesce(l.risk_share, 0)) OVER (
                ORDER BY l.known_at, l.timeframe_id DESC, l.instrument_id ROWS UNBOUNDED PRECEDING
            ) AS so_far
        FROM live AS l
    )
    SELECT a.venue, a.symbol, a.timeframe, a.ts, a.known_at, a.signal, a.entry, a.stop, a.target, a.expires_at, a.size,
        a.notional, a.risk, a.risk_share, a.of_symbol, a.so_far, a.total_limit,
        CASE WHEN a.share > 0 THEN a.size * greatest(least(a.total_limit - (a.so_far - a.share), a.share), 0) / a.share
            ELSE a.size END,
        CASE WHEN a.so_far > a.total_limit * (1 + 1e-9) THEN 'total_budget' ELSE a.risk_limited_by END,
        a.configuration_version, a.logic_version, a.instrument_id
    FROM added AS a
    ORDER BY a.known_at, a.timeframe_id DESC, a.instrument_id
$$;
COMMENT ON FUNCTION signal_risk(timestamptz) IS
    'Signals that live at a moment, in the order in which they were given, with what is at risk in each, in its symbol and in all up to it as shares of the equity, and the size that the limit of all (total_risk_fraction) leaves.';
