-- The time of the newest row of each coin.
SELECT coin, ts FROM coin_metrics_latest WHERE provider = %(provider)s
