-- A made-up position of the demo at the newest price, unless it is held already.
SELECT open_position(
    'demo', %(venue)s, %(symbol)s, %(side)s, %(size)s, p.close, %(leverage)s::double precision, 'isolated', NULL, 'base',
    NULL, NULL, 0.005, NULL, 'made up by the demo', 'cli', false
)
FROM (
    SELECT close FROM ohlcv WHERE venue = %(venue)s AND symbol = %(symbol)s AND timeframe = '1m' ORDER BY ts DESC LIMIT 1
) AS p
WHERE NOT EXISTS (
    SELECT FROM positions AS h JOIN instruments AS i USING (instrument_id)
    WHERE h.account = 'demo' AND i.venue = %(venue)s AND i.symbol = %(symbol)s
)
