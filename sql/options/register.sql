-- Contracts that a list named: new ones get a key, known ones are seen again.
INSERT INTO option_contracts AS c (
    provider, name, currency, base, settle, inverse, expiry, strike, kind, contract_size, listed_at, first_seen, last_seen
)
SELECT %(provider)s, l.name, l.currency, l.base, l.settle, l.inverse, l.expiry, l.strike, l.kind, l.contract_size, l.listed_at,
    %(seen)s, %(seen)s
FROM jsonb_to_recordset(%(contracts)s) AS l (
    name text, currency text, base text, settle text, inverse boolean, expiry timestamptz, strike double precision,
    kind text, contract_size double precision, listed_at timestamptz
)
ORDER BY l.name
ON CONFLICT (provider, name) DO UPDATE
    SET last_seen = greatest(c.last_seen, excluded.last_seen), contract_size = excluded.contract_size
