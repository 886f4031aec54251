INSERT INTO imports (command, venue, symbol, timeframe, started_at, dataset)
VALUES (%(command)s, %(venue)s, %(symbol)s, %(timeframe)s, %(started_at)s, %(dataset)s)
RETURNING import_id
