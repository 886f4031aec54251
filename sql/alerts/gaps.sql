-- Gaps in the candles of tracked symbols that opened in the last day and did not close when they were looked at again.
SELECT i.venue, count(*) AS gaps, array_agg(DISTINCT i.symbol ORDER BY i.symbol) AS symbols,
    (sum(extract(epoch FROM g.gap_end - g.gap_start)) / 60)::bigint AS minutes, min(g.gap_start) AS first_gap
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id)
WHERE g.dataset = 'ohlcv_1m' AND g.state = 'detected' AND i.tracked
    AND g.detected_at > now() - INTERVAL '1 day' AND g.detected_at < now() - %(patience)s::interval
GROUP BY i.venue
ORDER BY i.venue
