"""Technical indicators: what is computed from candles, with versions, in one pass or bar by bar."""
