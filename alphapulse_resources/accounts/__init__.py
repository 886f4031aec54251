"""Accounts at venues: what a read-only key may see of them."""
