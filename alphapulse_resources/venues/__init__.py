"""Candles and market metadata from venues: REST, bulk archives, last resorts."""
