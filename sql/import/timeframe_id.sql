SELECT timeframe_id FROM timeframes WHERE timeframe = %(timeframe)s
