-- The source gave these candles so many microseconds past their minute.
INSERT INTO candle_flags (instrument_id, ts, flag, score, detail, logic_version, known_at)
SELECT %(instrument_id)s, o.ts, 'off_grid', o.offset_us / 1e6, jsonb_build_object('offset_seconds', o.offset_us / 1e6),
    %(logic_version)s, o.ts + INTERVAL '1 minute'
FROM unnest(%(ts)s::timestamptz[], %(offsets)s::bigint[]) AS o (ts, offset_us)
ON CONFLICT (instrument_id, ts, flag, logic_version) DO UPDATE SET score = excluded.score, detail = excluded.detail
WHERE candle_flags.score <> excluded.score
