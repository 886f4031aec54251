"""Shapes that come back, found without a name, and judged as patterns are."""
