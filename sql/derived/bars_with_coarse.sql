-- Bars of an instrument ($1) and timeframe: of its minutes where those are all there, else native ones.
WITH made AS MATERIALIZED (
    SELECT {columns}, bars FROM {relation} WHERE instrument_id = $1 AND {condition} ORDER BY {sequence}
), coarse AS MATERIALIZED (
    SELECT {columns} FROM coarse_bars WHERE instrument_id = $1 AND timeframe_id = {minutes} AND {condition} ORDER BY {sequence}
)
SELECT {columns} FROM made AS m WHERE m.bars = {minutes} OR NOT EXISTS (SELECT FROM coarse AS c WHERE c.ts = m.ts)
UNION ALL
SELECT {columns} FROM coarse AS c WHERE NOT EXISTS (SELECT FROM made AS m WHERE m.ts = c.ts AND m.bars = {minutes})
ORDER BY {sequence}
