"""Texts: collected, told apart from their copies, linked to coins, scored, and held against price."""
