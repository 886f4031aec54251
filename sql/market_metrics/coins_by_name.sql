-- Coins of some ids or symbols; a symbol stands for its largest coin.
SELECT coin, symbol FROM coin_metrics_now
WHERE provider = %(provider)s
    AND (coin = ANY(%(names)s) OR (is_largest AND (symbol = ANY(%(names)s) OR lower(symbol) = ANY(%(names)s))))
