CREATE OR REPLACE FUNCTION trusted_snapshots(
    p_venue text, p_symbol text, p_start timestamptz, p_end timestamptz
) RETURNS SETOF order_book
LANGUAGE sql STABLE AS $$
    WITH trusted AS MATERIALIZED (
        SELECT range_agg(tstzrange(valid_from, valid_until)) AS times
        FROM order_book_synced
        WHERE venue = p_venue AND symbol = p_symbol
    )
    SELECT b.*
    FROM order_book AS b
    JOIN trusted AS t ON b.received_at <@ t.times
    WHERE b.venue = p_venue AND b.symbol = p_symbol AND b.ts >= p_start AND b.ts < p_end
$$;
COMMENT ON FUNCTION trusted_snapshots(text, text, timestamptz, timestamptz) IS
    'The snapshots of a book (as in order_book) with ts in [start, end) that were received while it could be trusted.';
