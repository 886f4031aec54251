-- What large orders do, by venue and symbol.
SELECT i.venue, i.symbol, a.*
FROM whale_activities AS a
JOIN instruments AS i USING (instrument_id)
