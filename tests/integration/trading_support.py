"""What the tests of orders share: a desk at simulated venues, and what those venues have."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess
from alphapulse_trading.desk import Desk
from alphapulse_trading.model import OrderRequest

HOSTS: Final = {
    "binance": "testnet.binance.vision",
    "binanceusdm": "demo-fapi.binance.com",
    "bybit": "api-testnet.bybit.com",
}
SYMBOLS: Final = {"binance": "BTC/USDT", "binanceusdm": "BTC/USDT:USDT", "bybit": "BTC/USDT:USDT"}
PLACES: Final = {"binance": "/api/v3/order", "binanceusdm": "/fapi/v1/order", "bybit": "/v5/order/create"}
LOTS: Final = {
    "binance": {"BTC/USDT": (0.01, 0.00001)},
    "binanceusdm": {"BTC/USDT:USDT": (0.1, 0.001)},
    "bybit": {"BTC/USDT": (0.01, 0.00001), "BTC/USDT:USDT": (0.1, 0.001)},
}
"""Tick and lot of the instruments, as the venues tell them."""

MakeDesk = Callable[..., Desk]


@pytest.fixture(scope="module")
def venues() -> Iterator[SimulatorProcess]:
    """One simulator for a test file."""
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def simulator(venues: SimulatorProcess) -> SimulatorProcess:
    """The simulator without faults, with accounts as at the beginning, at the real time."""
    venues.clear()
    venues.set_clock(None)
    requests.delete(f"{venues.url}/_sim/accounts", timeout=10).raise_for_status()
    return venues


@pytest.fixture
def make_desk(database: Database, simulator: SimulatorProcess, tmp_path: Path) -> MakeDesk:
    """Desks at the simulated venues; keyword arguments are settings of trading."""
    for venue, symbols in LOTS.items():
        for symbol, (tick, lot) in symbols.items():
            database.rows("SELECT register_instrument(%(v)s, %(s)s)", {"v": venue, "s": symbol})
            database.execute(
                "UPDATE instruments SET tick_size = %(tick)s, lot_size = %(lot)s"
                " WHERE venue = %(v)s AND symbol = %(s)s",
                {"v": venue, "s": symbol, "tick": tick, "lot": lot},
            )

    def make(**trading: Any) -> Desk:
        settings = settings_at(simulator.url, tmp_path, **trading)
        return Desk(database, settings, LocalRateLimiter(), late=timedelta(milliseconds=200))

    return make


def settings_at(url: str, home: Path, **trading: Any) -> Settings:
    """Settings with keys that may trade; a short receive window, so that nothing is waited for long."""
    keys = {
        f"{venue}_{name}": value
        for venue in HOSTS
        for name, value in (("key", "sim-trade"), ("secret", "sim-trade-secret"))
    }
    given = {"mode": "test", "recv_window_ms": 900, "max_order_value": 50_000, **keys, **trading}
    venues = {"http_timeout_seconds": 2.0}
    return Settings.model_validate(
        {"_env_file": None, "venue_url": url, "home": home, "trading": given, "venues": venues}
    )


def orders_at(simulator: SimulatorProcess, venue: str, *, host: str | None = None) -> list[dict[str, Any]]:
    """All orders that the venue's account has ever had."""
    asked = requests.get(f"{simulator.url}/_sim/orders", {"host": host or HOSTS[venue]}, timeout=10)
    found: list[dict[str, Any]] = asked.json()
    return found


def price_at(desk: Desk, venue: str) -> Decimal:
    """The present price of Bitcoin, in whole units."""
    price = desk._venue(venue).price(SYMBOLS[venue])
    assert price is not None
    return Decimal(round(price))


def market(venue: str, client_id: str, side: str = "buy", size: str = "0.01", **changes: Any) -> OrderRequest:
    """A market order of a little Bitcoin."""
    return OrderRequest(client_id, venue, SYMBOLS[venue], side, "market", Decimal(size), **changes)


def limit(venue: str, client_id: str, price: Decimal, side: str = "buy", size: str = "0.01") -> OrderRequest:
    """A limit order of a little Bitcoin."""
    return OrderRequest(client_id, venue, SYMBOLS[venue], side, "limit", Decimal(size), price)


def audit(database: Database, client_id: str) -> list[tuple[str, str]]:
    """Action and step of all that was written down of an order."""
    rows = database.rows(
        "SELECT action, step FROM trading_audit WHERE client_id = %(id)s ORDER BY audit_id", {"id": client_id}
    )
    return [(row["action"], row["step"]) for row in rows]
