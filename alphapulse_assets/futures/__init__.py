"""What perpetuals and futures say of the market: open interest, funding, mark and index, who is long, who takes."""
