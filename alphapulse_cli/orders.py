"""`alphapulse orders`: places and follows orders. All the care is in `alphapulse_trading`."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import console, notes, parse_format, print_json, print_records
from alphapulse_cli.symbols import PATIENCE_SECONDS, platform_settings
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_trading.books import HALT_FILE, Books
from alphapulse_trading.desk import Desk
from alphapulse_trading.model import OrderRequest, OrderState

_LISTED: Final = ("order", "symbol", "what", "price", "status", "filled")


def place(
    client_id: str, venue: str, symbol: str, side: str, size: str, *, price: str | None, stop: str | None,
    reduce_only: bool, as_json: bool,
) -> None:  # fmt: skip
    """Place an order; the same id again tells what became of it."""
    kind = "stop" if stop is not None else "limit" if price is not None else "market"
    order = OrderRequest(
        client_id, venue, symbol, side, kind, number(size, "SIZE"), maybe(price, "--price"),
        maybe(stop, "--stop"), reduce_only,
    )  # fmt: skip
    desk = _desk()
    if desk.network == "live":
        notes().print("live: this order is placed with real money", style="yellow")
    _tell(desk, client_id, venue, desk.place(order), as_json=as_json)


def show(client_id: str, venue: str, *, as_json: bool) -> None:
    """Ask the venue what became of an order."""
    desk = _desk()
    _tell(desk, client_id, venue, desk.query(venue, client_id), as_json=as_json)


def amend(client_id: str, venue: str, size: str | None, price: str | None, *, as_json: bool) -> None:
    """Another size or price."""
    if size is None and price is None:
        raise CommandError("give --size, --price or both")
    desk = _desk()
    state = desk.amend(venue, client_id, maybe(size, "--size"), maybe(price, "--price"))
    _tell(desk, client_id, venue, state, as_json=as_json)


def cancel(client_id: str, venue: str, *, as_json: bool) -> None:
    """Cancel an order."""
    desk = _desk()
    _tell(desk, client_id, venue, desk.cancel(venue, client_id), as_json=as_json)


def listing(*, everything: bool, form: str) -> None:
    """Orders as they were last known."""
    style = parse_format(form)
    rows = _books(open_database(demo=False), platform_settings()).listed(everything=everything)
    if not style.for_people:
        print_records(rows, list(rows[0]) if rows else ["client_id"], style)
        return
    if not rows:
        console().print("no orders" if everything else "no open orders: --all shows those that are over")
        return
    print_records([_brief(row) for row in rows], _LISTED, style)


def kill(reason: str, *, as_json: bool) -> int:
    """Stop all orders and cancel the open ones; exit code 1 where some could not be cancelled."""
    cancelled, failed = _desk().kill(reason)
    if as_json:
        print_json(
            {
                "cancelled": [
                    {"venue": each.venue, "symbol": each.symbol, "client_id": each.client_id}
                    for each in cancelled
                ],
                "failed": failed,
            }
        )
    else:
        console().print(f"orders are stopped; {len(cancelled)} open orders were cancelled", soft_wrap=True)
        for what, why in failed.items():
            notes().print(f"not cancelled: {what}: {why}", markup=False, style="red")
    return int(bool(failed))


def resume(reason: str) -> None:
    """Let orders through again."""
    settings = platform_settings()
    _books(open_database(demo=False), settings).resume(reason)
    console().print("orders go through again")
    if (settings.home / HALT_FILE).exists():
        notes().print(f"but {settings.home / HALT_FILE} still stops them", markup=False, style="yellow")


def number(text: str, name: str) -> Decimal:
    """An exact number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{name} {text!r} is no number") from None


def maybe(text: str | None, name: str) -> Decimal | None:
    """An exact number, or none."""
    return None if text is None else number(text, name)


def _desk() -> Desk:
    database, settings = open_database(demo=False), platform_settings()
    return Desk(database, settings, DatabaseRateLimiter(database.dsn, max_wait=PATIENCE_SECONDS))


def _books(database: Database, settings: Settings) -> Books:
    return Books(database, "live" if settings.trading.mode == "live" else "test", settings.home)


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """One order in a line of 80 columns."""
    at = row["price"] if row["price"] is not None else row["stop_price"]
    return {
        "order": row["client_id"],
        "symbol": f"{row['venue']} {row['symbol']}",
        "what": f"{row['side']} {row['size'].normalize():f}",
        "price": "market" if at is None else f"{at.normalize():f}",
        "status": row["status"] if row["network"] == "test" else f"{row['status']} (live)",
        "filled": f"{row['filled'].normalize():f}",
    }


def _tell(desk: Desk, client_id: str, venue: str, state: OrderState, *, as_json: bool) -> None:
    told: dict[str, Any] = {
        "network": desk.network, "venue": venue, "client_id": client_id, "status": state.status,
        "filled": state.filled, "average_price": state.average, "venue_order_id": state.venue_id,
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    average = f" at {state.average:f}" if state.average is not None else ""
    console().print(
        f"{desk.network} {venue} {client_id}: {state.status}, {state.filled:f} filled{average}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
