"""How many streams of a channel a venue takes on one connection, as its refusals teach. Pure.

Venues do not publish all of their limits, and lower them. A refusal that names a limit teaches at once; one
without such words only where more than one subscription was refused here and taken there: a single one may
have been refused for a reason of its own that has passed.
"""

import re
from collections import defaultdict
from typing import Final

from alphapulse_resources.streams.protocols import Channel, Subscription

WITNESSES: Final = 2
"""Subscriptions that were refused beside others and taken elsewhere, until there is a limit (ours)."""

_FULL: Final = re.compile(r"too many|limit|maximum|exceed", re.IGNORECASE)
_HURRIED: Final = re.compile(r"\brequests\b|\brate\b|per second|frequen", re.IGNORECASE)
"""Words of venues that refuse because the connection has as many as it may have, and because of our pace."""


def names_a_limit(why: str) -> bool:
    """Whether a refusal says that the connection has as many as it may have."""
    return _FULL.search(why) is not None and not names_our_pace(why)


def names_our_pace(why: str) -> bool:
    """Whether a refusal is about how fast we ask."""
    return _HURRIED.search(why) is not None


class ConnectionLimits:
    """What was learned of the connections to some addresses."""

    def __init__(self) -> None:
        self._most: dict[tuple[str, Channel], int] = {}
        self._witnesses: defaultdict[tuple[str, Channel], dict[Subscription, int]] = defaultdict(dict)

    def most(self, url: str, channel: Channel, otherwise: int) -> int:
        """How many of a channel a connection takes; `otherwise` where nothing was learned."""
        return self._most.get((url, channel), otherwise)

    def learn(self, url: str, channel: Channel, most: int) -> bool:
        """A connection takes `most` and no more; whether that is less than was known."""
        if most >= self.most(url, channel, most + 1):
            return False
        self._most[url, channel] = most
        return True

    def witness(self, url: str, subscription: Subscription, beside: int) -> int | None:
        """It was refused beside so many, and is taken elsewhere; the limit that follows, if one does."""
        found = self._witnesses[url, subscription.channel]
        found[subscription] = beside
        return max(found.values()) if len(found) >= WITNESSES else None

    def forget(self, subscription: Subscription) -> None:
        """Nobody wants it any more: it is no witness."""
        for found in self._witnesses.values():
            found.pop(subscription, None)
