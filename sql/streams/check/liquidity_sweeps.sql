-- Sweeps of the newest day: there are few.
SELECT instrument_id, ts, side, pivot_time, pivot, extreme, close, bars, relative_volume,
    extract(epoch FROM ts - known_at)::double precision AS ahead,
    extract(epoch FROM pivot_time - ts)::double precision AS pivot_after,
    CASE side WHEN 'high' THEN extreme - pivot ELSE pivot - extreme END AS beyond,
    CASE side WHEN 'high' THEN pivot - close ELSE close - pivot END AS back
FROM liquidity_sweeps
WHERE ts >= now() - INTERVAL '1 day'
ORDER BY ts DESC
LIMIT $1
