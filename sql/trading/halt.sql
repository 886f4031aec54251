INSERT INTO trading_halts (halted, reason) VALUES (%(halted)s, %(reason)s)
