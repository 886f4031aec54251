-- Which whale bids were pulled before price reached them?
-- first_distance_bps, last_distance_bps: how far below mid they were at first, and when they were seen to be gone: a
-- smaller one means that price was coming; suspected_spoof: pulled near mid, large, as price came; a suspicion only.
-- Change: the side (ask), the window, the size (in USD; in quote units where their worth is not known).
SELECT venue, symbol, appeared_at, ended_at, seconds, price, peak_notional, first_distance_bps, last_distance_bps,
    first_distance_bps - last_distance_bps AS came_nearer_bps, suspected_spoof
FROM walls
WHERE side = 'bid'
    AND outcome = 'pulled'
    AND NOT reached
    AND appeared_at >= now() - INTERVAL '24 hours'
    AND coalesce(peak_notional_usd, peak_notional) >= 100000
ORDER BY peak_notional DESC, appeared_at;
