-- Tracked symbols but for Bitcoin's and dollars', which have no returns of their own; some by name.
SELECT instrument_id FROM instruments
WHERE tracked AND base NOT IN ('BTC', 'XBT', 'WBTC', 'USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'DAI', 'USDE', 'PYUSD')
    AND (%(symbols)s::text[] IS NULL OR symbol = ANY(%(symbols)s::text[]))
ORDER BY instrument_id
