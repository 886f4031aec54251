"""Positions that venues closed by force: live from their streams, and when they come in cascades."""
