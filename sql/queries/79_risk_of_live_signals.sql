-- What is at risk in the signals that live now, by symbol and in all, and what limits it?
-- positions: live signals that are sized; weak: those that are not; risk_share: of the equity, lost if all their stops are
-- hit; within_total: what is left of it by the limit of all symbols (total_limit); limited_by: why signals risk less than
-- the one per cent that is wanted, each reason once.
-- Change: now() to any earlier moment; drop the GROUP BY for the signals one by one.
SELECT r.venue, r.symbol, count(*) FILTER (WHERE r.size > 0) AS positions, count(*) FILTER (WHERE r.signal LIKE 'weak%') AS weak,
    coalesce(sum(r.risk_share), 0) AS risk_share,
    coalesce(sum(r.risk_share * r.size_within_total / nullif(r.size, 0)), 0) AS within_total,
    coalesce(sum(r.notional), 0) AS notional, min(r.total_limit) AS total_limit, min(r.expires_at) AS first_over,
    array_agg(DISTINCT r.risk_limited_by ORDER BY r.risk_limited_by) FILTER (WHERE r.risk_limited_by IS NOT NULL) AS limited_by
FROM signal_risk(now()) AS r
GROUP BY r.venue, r.symbol
ORDER BY risk_share DESC, r.venue, r.symbol;
