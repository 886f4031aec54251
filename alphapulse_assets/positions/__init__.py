"""Positions and their risk: what is held, where it is liquidated, what it may lose, what may be added."""
