"""The feeds that are collected: those listed here, and those of one's own. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: its name in ledgers and tables, and where it is."""

    name: str
    host: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    quiet: timedelta = timedelta(hours=24)
    """How long it may bring nothing new before it is told of (ours)."""

    @property
    def url(self) -> str:
        """Host and path."""
        return self.host + self.path


FEEDS: Final = (
    Feed("coindesk.com", "www.coindesk.com", "/arc/outboundfeeds/rss/"),
    Feed("cointelegraph.com", "cointelegraph.com", "/rss"),
    Feed("decrypt.co", "decrypt.co", "/feed"),
    Feed("theblock.co", "www.theblock.co", "/rss.xml"),
    Feed("bitcoinmagazine.com", "bitcoinmagazine.com", "/feed"),
    Feed("cryptopotato.com", "cryptopotato.com", "/feed/"),
    Feed("cryptoslate.com", "cryptoslate.com", "/feed/"),
    Feed("newsbtc.com", "www.newsbtc.com", "/feed/"),
    Feed("bitcoinops.org", "bitcoinops.org", "/feed.xml", quiet=timedelta(days=15)),
)
"""News outlets in English, and what the developers of Bitcoin tell each week."""


def listed(words: str | None) -> list[str]:
    """The parts of a setting with commas between them."""
    return [each.strip() for each in (words or "").split(",") if each.strip()]


def own_feeds(addresses: str | None) -> list[Feed]:
    """Feeds of one's own, as the setting names them. Their names are host and path, so that they are no
    listed feed's."""
    found: dict[str, Feed] = {}
    for address in listed(addresses):
        parts = urlsplit(address)
        host, path = parts.hostname or "", parts.path or "/"
        name = f"{host.removeprefix('www.')}{path}{'?' if parts.query else ''}{parts.query}"
        found.setdefault(name, Feed(name, host, path, dict(parse_qsl(parts.query))))
    return list(found.values())
