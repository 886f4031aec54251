INSERT INTO imports (command, venue, symbol, timeframe)
VALUES (%(command)s, %(venue)s, %(symbol)s, %(timeframe)s)
RETURNING import_id
