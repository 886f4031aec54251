SELECT halted, reason, at FROM trading_halts ORDER BY halt_id DESC LIMIT 1
