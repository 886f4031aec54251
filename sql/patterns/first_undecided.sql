-- The first signal of an instrument ($1), timeframe ($2), version ($3) and configuration ($4) before a bar ($5) that the bar
-- may decide: one from $6 on whose time reaches into it, or one that was followed longer because bars are missing.
SELECT least(
    (
        SELECT min(ts) FROM signal_events
        WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4
            AND ts >= $6 AND ts < $5 AND expires_at > $5
    ),
    (
        SELECT min(ts) FROM signal_outcome_events
        WHERE instrument_id = $1 AND timeframe_id = $2 AND signal_version = $3 AND configuration_version = $4
            AND ts < $5 AND (state = 'open' OR remark IS NOT NULL) AND (state = 'open' OR known_at > $5)
    )
) AS ts
