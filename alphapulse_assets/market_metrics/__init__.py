"""What the market is worth, who has which share of it, and what follows from that."""
