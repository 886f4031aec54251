-- Candles that streams wrote on the days from $1 on, how many of them were fetched too, and how many differed.
SELECT venue, symbol, day, written, verified, differing FROM stream_verification WHERE day >= $1
