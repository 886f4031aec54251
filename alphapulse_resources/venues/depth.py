"""Order books over REST, as the venue worded them: what a stream's diffs are built on.

Only for venues whose sockets send no book of their own; the streams of the others begin with one.
"""

from datetime import UTC, datetime
from typing import Final

from alphapulse_resources.venues.exchanges import Exchanges
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.registry import VENUES, find_venue
from alphapulse_resources.venues.venue import RestBook

_USEFUL: Final = 100
"""Levels a side that a book should have at least (ours)."""


def _books(venue: str) -> RestBook:
    books = find_venue(venue).rest.books
    if books is None:
        others = ", ".join(name for name, each in VENUES.items() if each.rest.books is not None)
        raise ValueError(f"{venue} gives its order books over the socket: REST books are for {others}")
    return books


def order_book_weight(venue: str, limit: int) -> float:
    """Request weight of a book of `limit` levels a side. Raises `ValueError` as `fetch_order_book` does."""
    depth = _books(venue)
    if not depth.serves(limit):
        raise ValueError(f"{venue} has no order book of {limit} levels a side: ask for {depth.limits}")
    return next(weight for most, weight in depth.weights if limit <= most)


def affordable_levels(venue: str, books: int, budget: float) -> int:
    """The most levels a side that `books` order books may have for `budget` of request weight together.

    At least those of the cheapest step that is of use, whatever it costs. Deeper books know more of the depth
    around a large market's price; many symbols have to be content with less.
    """
    order_book_weight(venue, _USEFUL)  # the venue has REST books
    steps = [(limit, weight) for limit, weight in _books(venue).weights if limit >= _USEFUL]
    return max((limit for limit, weight in steps if books * weight <= budget), default=steps[0][0])


def fetch_order_book(
    venue: str, venue_symbol: str, limit: int, *, kind: str, gateway: Gateway, exchanges: Exchanges
) -> bytes:
    """The body of a venue's answer, once it is known to hold an order book.

    Raises:
        ValueError: a venue without REST books, a kind it does not have, or a limit it does not serve.
        VenueError: the venue did not give it.
    """
    weight, known = order_book_weight(venue, limit), find_venue(venue)
    if kind not in known.kinds:
        raise ValueError(f"{venue} has no {kind} market: {', '.join(sorted(known.kinds))}")
    depth, now = _books(venue), datetime.now(UTC)

    def send(seen: Seen) -> bytes:
        exchange = exchanges.watch(venue, "rest", seen)
        body = getattr(exchange, depth.method)({"symbol": venue_symbol, "limit": limit})
        seen.rows = depth.levels(body)
        return str(exchange.last_http_response).encode()

    question = Request(
        source="rest",
        provider=venue,
        subject=f"{venue} {venue_symbol} order book",
        host=known.rest.host,
        path=depth.path,
        start=now,
        end=now,
        buckets=(known.rest.buckets["rest"],),
        weight=weight,
    )
    return gateway.ask(question, send).value
