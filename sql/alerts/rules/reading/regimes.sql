-- Regimes of closed bars, in the newest version.
SELECT v.instrument_id, extract(epoch FROM v.known_at)::double precision AS ts,
    extract(epoch FROM v.known_at)::double precision AS known_at, v.trend, v.volatility, v.liquidity
FROM market_regimes AS v
WHERE v.instrument_id = ANY(%(instruments)s::integer[]) AND v.timeframe_id = %(timeframe_id)s::smallint
    AND v.ts > %(after)s::timestamptz - %(length)s::interval AND v.ts <= %(until)s::timestamptz - %(length)s::interval
    AND v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM market_regimes AS n
        WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    )
