"""Positions and their risk: what is held, when it would be liquidated, what it may lose, what may be added."""
