SELECT open_position(
    %(account)s, %(venue)s, %(symbol)s, %(side)s, %(size)s, %(entry)s, %(leverage)s::double precision, %(margin_mode)s::text,
    %(opened_at)s::timestamptz, %(size_unit)s, %(contract_size)s::double precision, %(margin)s::double precision,
    %(maintenance_rate)s::double precision, %(maintenance_amount)s::double precision, %(note)s::text, 'cli', %(change)s
)
