-- Price, open interest and funding of the perpetuals with the most open interest ($3 of them) at the end of a window.
WITH most AS (
    SELECT DISTINCT ON (v.instrument_id) v.instrument_id, v.venue, v.symbol, v.open_interest_quote
    FROM leverage_snapshots AS v
    JOIN instruments AS i USING (instrument_id)
    WHERE v.ts >= $2::timestamptz - INTERVAL '24 hours' AND v.ts < $2 AND v.open_interest_quote IS NOT NULL
        AND i.quote = ANY ($4)
    ORDER BY v.instrument_id, v.ts DESC
), shown AS (
    SELECT *, row_number() OVER (ORDER BY open_interest_quote DESC, instrument_id) AS place FROM most
    ORDER BY open_interest_quote DESC, instrument_id LIMIT $3
)
SELECT s.place, s.symbol || ' ' || s.venue AS label, v.ts, v.price, v.open_interest_base, v.funding_annual
FROM shown AS s
JOIN leverage_snapshots AS v ON v.instrument_id = s.instrument_id AND v.ts >= $1 AND v.ts < $2
ORDER BY s.place, v.ts
