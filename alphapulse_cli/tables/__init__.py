"""Tables for people: one way to draw rows on a terminal, for every command."""

from alphapulse_cli.tables.grid import Grid, Shape

__all__ = ["Grid", "Shape"]
