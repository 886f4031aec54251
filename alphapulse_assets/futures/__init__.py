"""What perpetuals and futures say: open interest, funding, mark and index, who is long, who takes."""
