"""Options: the chain as it was quoted, what it sums up to, and the volatility index."""
