CREATE OR REPLACE FUNCTION cot_as_of(at timestamptz)
RETURNS TABLE (
    report text, base text, contract text, trader_group text, ts timestamptz, known_at timestamptz, revision smallint,
    long double precision, short double precision, spread double precision, net double precision,
    open_interest double precision
)
LANGUAGE sql STABLE AS $function$
    SELECT p.report, c.base, p.contract, p.trader_group, p.ts, p.known_at, p.revision,
        p.long_contracts * c.contract_size, p.short_contracts * c.contract_size, p.spread_contracts * c.contract_size,
        (p.long_contracts - p.short_contracts) * c.contract_size, p.open_interest * c.contract_size
    FROM (
        SELECT DISTINCT ON (provider, report, contract, trader_group, ts) *
        FROM institutional_positions AS i
        WHERE i.known_at <= cot_as_of.at
        ORDER BY provider, report, contract, trader_group, ts, revision DESC
    ) AS p
    JOIN institutional_contracts AS c USING (contract)
$function$;
COMMENT ON FUNCTION cot_as_of IS 'Commitments of Traders in coins as they were known at a time: reports released by then, in the revision of then.';
