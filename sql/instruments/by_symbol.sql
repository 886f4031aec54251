SELECT instrument_id FROM instruments WHERE venue = %(venue)s AND symbol = %(symbol)s
