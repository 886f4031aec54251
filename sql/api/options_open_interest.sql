-- Open interest by strike and kind, of the newest quotes.
SELECT c.provider, c.currency, c.expiry, c.strike, c.kind, sum(c.open_interest) AS open_interest,
    sum(c.open_interest_usd) AS open_interest_usd, sum(c.volume_24h) AS volume_24h, max(c.ts) AS ts
FROM options_chain_now AS c
GROUP BY c.provider, c.currency, c.expiry, c.strike, c.kind
