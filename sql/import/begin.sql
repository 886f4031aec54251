INSERT INTO imports (command, venue, symbol, timeframe, started_at)
VALUES (%(command)s, %(venue)s, %(symbol)s, %(timeframe)s, %(started_at)s)
RETURNING import_id
