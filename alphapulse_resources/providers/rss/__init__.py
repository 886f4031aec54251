"""RSS and Atom feeds of outlets: without a key, each a source of its own with a host of its own.

Addresses are those that the outlets give on their pages, as read in public lists of feeds in November 2026.
An outlet that is refused, slow or gone holds up no other: each has its budget and its breaker.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.providers.rss.feeds import Feed
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "rss"
"""The provider's name in every row that came by a feed."""
_GONE: Final = (
    "The feed is not at this address any more: name it in ALPHAPULSE_NEWS__FEEDS_OFF, and where it went "
    "to in ALPHAPULSE_NEWS__FEEDS."
)
_PAID: Final = "The outlet wants money for its feed: name it in ALPHAPULSE_NEWS__FEEDS_OFF."
_ERRORS: Final = (
    Rule(ErrorKind.BAD_KEY, False, _PAID, statuses=frozenset({402})),
    Rule(ErrorKind.BAD_SYMBOL, False, _GONE, statuses=frozenset({404, 410})),
    *COMMON_RULES,
)
A_MINUTE: Final = 12
"""Requests a minute that an outlet is sent at most, retries among them (ours: nobody publishes a figure)."""


def provider_of(feed: Feed) -> Provider:
    """The feed as the gateway knows it."""
    return Provider(feed.name, feed.host, ProviderLimits(a_minute=A_MINUTE), errors=_ERRORS)
