"""What a venue says of its symbols, from ccxt's market metadata."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from alphapulse_resources.venues.exchanges import Exchanges
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import ErrorKind, Market, VenueError
from alphapulse_resources.venues.registry import find_venue

KINDS = {"spot": "spot", "swap": "perpetual", "future": "future"}


def fetch_markets(venue: str, gateway: Gateway, exchanges: Exchanges) -> list[Market]:
    """Every market of the kinds the registry names, sorted by symbol; `VenueError` when there is none."""
    known = find_venue(venue)
    now = datetime.now(UTC)

    def send(seen: Seen) -> list[Market]:
        loaded = exchanges.watch(venue, "rest", seen).load_markets(True)
        markets = [read_market(venue, entry) for entry in loaded.values() if entry.get("type") in KINDS]
        kept = sorted((market for market in markets if market.kind in known.kinds), key=lambda m: m.symbol)
        if not kept:
            raise VenueError(ErrorKind.BAD_BODY, f"no market of kind {sorted(known.kinds)} in the list")
        seen.rows = len(kept)
        return kept

    question = Request(
        source="rest",
        provider=venue,
        subject=f"{venue} markets",
        host=known.rest.host,
        path=known.rest.markets_path,
        start=now,
        end=now,
        buckets=(known.rest.buckets["rest"],),
        weight=known.rest.markets_weight,
    )
    return gateway.ask(question, send).value


def read_market(venue: str, entry: Mapping[str, Any]) -> Market:
    """One ccxt market. A dated future is delisted at its expiry; others only when the venue drops them."""
    kind, named = KINDS[entry["type"]], find_venue(venue).rest.venue_symbol
    precision = entry.get("precision") or {}
    return Market(
        venue=venue,
        symbol=entry["symbol"],
        venue_symbol=named(entry) if named is not None else entry["id"],
        kind=kind,
        base=entry["base"],
        quote=entry["quote"],
        settle=entry.get("settle"),
        tick_size=_positive(precision.get("price")),
        lot_size=_positive(precision.get("amount")),
        active=entry.get("active") is not False,
        listed_at=_moment(entry.get("created")),
        delisted_at=_moment(entry.get("expiry")) if kind == "future" else None,
        contract_size=None if kind == "spot" else _positive(entry.get("contractSize")),
        contract_kind=None if kind == "spot" else _contract_kind(entry),
    )


def _contract_kind(entry: Mapping[str, Any]) -> str:
    """By what it is settled in: the quote, the base, or neither."""
    if entry["settle"] == entry["quote"]:
        return "linear"
    return "inverse" if entry["settle"] == entry["base"] else "quanto"


def _positive(value: Any) -> float | None:
    return float(value) if value else None


def _moment(ms: Any) -> datetime | None:
    return datetime.fromtimestamp(int(ms) / 1000, UTC) if ms else None
