"""Market regime: trend, volatility and liquidity of a symbol by rules, and of the market by majority."""
