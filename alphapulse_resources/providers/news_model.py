"""What sources of news tell, in one form. Pure: nothing is believed yet, texts are as they came."""

from collections.abc import Sequence
from dataclasses import dataclass

from alphapulse_resources.venues.model import Reject


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One article as a source tells it. Texts may hold HTML, and times may be lies."""

    url: str
    title: str
    description: str | None = None
    published: str | None = None
    """The time of publication in the source's own words; None where it tells none."""
    seen: str | None = None
    """When the source itself saw it, in its words, where it tells that instead."""


@dataclass(frozen=True, slots=True)
class NewsAnswer:
    """The articles of one answer, in its order.

    `note` tells what was odd about it as a whole, `missing` what it should have held and did not.
    """

    items: Sequence[NewsItem]
    rejects: Sequence[Reject] = ()
    note: str | None = None
    missing: str | None = None
