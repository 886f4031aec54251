-- As the view candle_gaps, of what was known then.
SELECT g.venue, g.symbol, g.gap_start, g.gap_end, (extract(EPOCH FROM g.length) / 60)::integer AS minutes, g.state,
    g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM data_gaps_as_of({as_of}) AS g
WHERE g.dataset = 'ohlcv_1m'
