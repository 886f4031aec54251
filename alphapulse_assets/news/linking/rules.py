"""By which rules texts are linked, the strongest first, and how often each was right. Pure data."""

from typing import Final

RULES: Final = {
    "cashtag": 0.98,
    "parenthesised": 0.98,
    "pair": 0.98,
    "ticker": 0.97,
    "name": 0.97,
    "hashtag": 0.97,
    "supported_ticker": 0.9,
    "supported_name": 0.9,
    "company": 0.9,
}
"""Rule: precision on the labelled texts of tests/labels, 0 to 1 (docs/news.md has the table and its counts)."""
RANK: Final = {rule: rank for rank, rule in enumerate(RULES)}
"""The lower, the stronger."""
