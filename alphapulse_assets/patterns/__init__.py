"""Patterns, how sure they are, what came of them, and the signals made of them."""
