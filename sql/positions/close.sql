SELECT close_position(
    %(account)s, %(venue)s, %(symbol)s, %(side)s, %(exit)s::double precision, %(closed_at)s::timestamptz, NULL, 'cli'
)
