"""By which rules texts are linked, the strongest first, and how often each was right. Pure data."""

from typing import Final

RULES: Final = {
    "cashtag": 0.97,
    "parenthesised": 0.99,
    "pair": 0.97,
    "ticker": 0.99,
    "name": 0.99,
    "hashtag": 0.83,
    "supported_ticker": 0.98,
    "supported_name": 0.97,
    "company": 0.97,
}
"""Precision as measured, 0 to 1: (right + 1) / (links + 2), so that few links are no certainty.

Measured on the labelled texts of tests/labels and on links of real news that were checked by eye; a test
holds the numbers to it. docs/news.md has the table and says what each rule is.
"""
RANK: Final = {rule: rank for rank, rule in enumerate(RULES)}
"""The lower, the stronger."""
