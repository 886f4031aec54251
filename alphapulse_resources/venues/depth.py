"""Order books over REST, as the venue worded them: what a stream's diffs are built on.

Only for venues whose sockets send no book of their own (Binance); Bybit's and Coinbase's begin with one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse_resources.venues.exchanges import Exchanges
from alphapulse_resources.venues.gateway import Gateway, Seen, VenueRequest
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.registry import find_venue


@dataclass(frozen=True, slots=True)
class _Depth:
    """One venue's order book request."""

    method: str  # ccxt's implicit method
    path: str
    serves: Callable[[int], bool]  # whether a limit is one of the venue's
    limits: str  # the same in words
    weights: tuple[tuple[int, float], ...]  # (up to this limit, weight), ascending


_DEPTHS: Final[Mapping[str, _Depth]] = {
    # developers.binance.com, spot "Order book"
    "binance": _Depth(
        "publicGetDepth",
        "/api/v3/depth",
        lambda limit: 1 <= limit <= 5000,
        "1 to 5000",
        ((100, 5), (500, 25), (1000, 50), (5000, 250)),
    ),
    # developers.binance.com, USD-M "Order Book"
    "binanceusdm": _Depth(
        "fapiPublicGetDepth",
        "/fapi/v1/depth",
        lambda limit: limit in (5, 10, 20, 50, 100, 500, 1000),
        "5, 10, 20, 50, 100, 500 or 1000",
        ((50, 2), (100, 5), (500, 10), (1000, 20)),
    ),
}

_USEFUL: Final = 100
"""Levels a side that a book should have at least (ours)."""


def order_book_weight(venue: str, limit: int) -> float:
    """Request weight of a book of `limit` levels a side. Raises `ValueError` as `fetch_order_book` does."""
    depth = _DEPTHS.get(find_venue(venue).ccxt_id)
    if depth is None:
        raise ValueError(
            f"{venue} gives its order books over the socket: REST books are for {', '.join(_DEPTHS)}"
        )
    if not depth.serves(limit):
        raise ValueError(f"{venue} has no order book of {limit} levels a side: ask for {depth.limits}")
    return next(weight for most, weight in depth.weights if limit <= most)


def affordable_levels(venue: str, books: int, budget: float) -> int:
    """The most levels a side that `books` order books may have for `budget` of request weight together.

    At least those of the cheapest step that is of use, whatever it costs. Deeper books know more of the depth
    around a large market's price; many symbols have to be content with less.
    """
    order_book_weight(venue, _USEFUL)  # the venue has REST books
    steps = [(limit, weight) for limit, weight in _DEPTHS[venue].weights if limit >= _USEFUL]
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
    depth, now = _DEPTHS[venue], datetime.now(UTC)

    def send(seen: Seen) -> bytes:
        exchange = exchanges.watch(venue, "rest", seen)
        body = getattr(exchange, depth.method)({"symbol": venue_symbol, "limit": limit})
        seen.rows = _levels(body)
        return str(exchange.last_http_response).encode()

    question = VenueRequest(
        source="rest",
        venue=venue,
        subject=f"{venue} {venue_symbol} order book",
        host=known.host,
        path=depth.path,
        start=now,
        end=now,
        bucket=known.buckets["rest"],
        weight=weight,
    )
    return gateway.ask(question, send).value


def _levels(body: Any) -> int:
    """How many levels a body holds; `VenueError` BAD_BODY if it is no order book."""
    if isinstance(body, dict) and "lastUpdateId" in body:
        bids, asks = body.get("bids"), body.get("asks")
        if isinstance(bids, list) and isinstance(asks, list):
            return len(bids) + len(asks)
    seen = " ".join(str(body).split())[:80]
    raise VenueError(ErrorKind.BAD_BODY, f"expected an order book, got {type(body).__name__} {seen!r}")
