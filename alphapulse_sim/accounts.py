"""Accounts of the simulated venues: keys, balances, positions. They are the one thing here that remembers.

Every venue has an account on its live and one on its test network. `sim-read` may look at them, `sim-trade`
may trade too; the secret of each is its name and `-secret`. The live account begins with two positions, so
that who reads positions finds some.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.orders import Order

NETWORKS: Final = {
    "api.binance.com": ("binance", "live"),
    "testnet.binance.vision": ("binance", "test"),
    "fapi.binance.com": ("binanceusdm", "live"),
    "demo-fapi.binance.com": ("binanceusdm", "test"),
    "api.bybit.com": ("bybit", "live"),
    "api-testnet.bybit.com": ("bybit", "test"),
}
"""Hosts with private endpoints: venue and network."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key."""

    key: str
    secret: str
    read_only: bool


KEYS: Final = {
    each.key: each
    for each in (Key("sim-read", "sim-read-secret", True), Key("sim-trade", "sim-trade-secret", False))
}


@dataclass(slots=True)
class Position:
    """A position in one-way mode; below 0 is short."""

    size: Decimal
    entry: Decimal
    leverage: int = 10
    isolated: bool = False
    margin: Decimal = Decimal(0)  # of an isolated one
    opened_ms: int = 0


@dataclass(slots=True)
class Account:
    """What one account holds. Orders that ended stay, as venues keep them for a while."""

    venue: str
    balances: dict[str, Decimal]
    positions: dict[str, Position] = field(default_factory=dict)  # by symbol of the perpetual
    orders: dict[int, Order] = field(default_factory=dict)
    next_number: int = 1_000_001

    def open_orders(self) -> list[Order]:
        """Orders that can still be filled, oldest first."""
        return [order for order in self.orders.values() if order.open]

    def find(self, *, number: int | None = None, client_id: str | None = None) -> Order | None:
        """The order of a number or, of those with a client id, the newest."""
        if number is not None:
            return self.orders.get(number)
        mine = [order for order in self.orders.values() if order.client_id == client_id]
        return mine[-1] if mine else None

    def locked(self, asset: str) -> Decimal:
        """What open spot orders hold of an asset."""
        return sum((order.locks(asset) for order in self.open_orders()), Decimal(0))

    def free(self, asset: str) -> Decimal:
        """What may be spent of an asset."""
        return self.balances.get(asset, Decimal(0)) - self.locked(asset)

    def margin_free(self, asset: str) -> Decimal:
        """What may become margin: the balance less the margins of positions and of orders that wait."""
        held = sum(
            (
                each.margin if each.isolated else abs(each.size) * each.entry / each.leverage
                for each in self.positions.values()
            ),
            Decimal(0),
        )
        waiting = sum(
            (
                order.left * (order.price or order.stop or Decimal(0)) / self.leverage(order.listing)
                for order in self.open_orders()
                if order.listing.kind == "perpetual" and not order.reduce_only
            ),
            Decimal(0),
        )
        return self.balances.get(asset, Decimal(0)) - held - waiting

    def leverage(self, listing: Listing) -> int:
        """The leverage of a perpetual."""
        held = self.positions.get(listing.symbol)
        return held.leverage if held else 10


class Accounts:
    """All accounts, made when first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._accounts: dict[tuple[str, str], Account] = {}

    def of(self, venue: str, network: str) -> Account:
        """The account on a venue's network."""
        known = self._accounts.get((venue, network))
        return known or self._accounts.setdefault((venue, network), self._new(venue, network))

    def clear(self) -> None:
        """As at the beginning."""
        self._accounts.clear()

    def _new(self, venue: str, network: str) -> Account:
        coins = {"BTC": Decimal(2), "ETH": Decimal(20)} if venue != "binanceusdm" else {}
        account = Account(venue, {"USDT": Decimal(100_000), **coins})
        if network == "live" and venue in ("binanceusdm", "bybit"):
            for symbol, size, isolated in (("BTCUSDT", "0.5", False), ("ETHUSDT", "-4", True)):
                listing = self._catalogue.find(venue, "perpetual", symbol)
                assert listing is not None
                entry = Decimal(str(listing.price))
                margin = abs(Decimal(size)) * entry / 10 if isolated else Decimal(0)
                account.positions[symbol] = Position(Decimal(size), entry, 10, isolated, margin)
        return account
