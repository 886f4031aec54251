"""What a position is, and what is known of the world that it stands in. Pure.

Prices are in quote units. A linear contract gains quote units (USDT) and its size is base units, or contracts
of `contract_size` base units; an inverse one gains base units and its contracts are of `contract_size` quote
units (Bybit's BTCUSD: 1 USD). What a position is worth is told in quote units for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple

Side = Literal["long", "short"]
SIDES: Final = ("long", "short")
SIZE_UNITS: Final = ("base", "contracts")
MARGIN_MODES: Final = ("isolated", "cross", "none")
"""none: spot, where nothing is borrowed."""

DOLLARS: Final = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "DAI", "USDE", "PYUSD"})
"""Taken for one dollar each in sums over quote currencies, whatever they trade at (ours)."""


class Tier(NamedTuple):
    """Maintenance margin of positions worth `floor` and more: `rate` of their worth less `amount`.

    All in settle units. The amount makes the margin continuous where the rate changes; documented: Binance,
    "Leverage and Margin of USDS-M Futures" (maintenance amount), Bybit, "Maintenance Margin" (mmDeduction).
    """

    floor: float
    rate: float
    amount: float


@dataclass(frozen=True, slots=True)
class Position:
    """A position as it was known at one moment."""

    account: str
    instrument_id: int
    venue: str
    symbol: str
    base: str
    quote: str
    side: Side
    size: float  # base units or contracts, above 0; the side is in `side`
    size_unit: str  # SIZE_UNITS
    entry_price: float
    opened_at: datetime
    known_at: datetime
    settle: str | None = None  # None: spot
    contract_size: float | None = None  # base units (linear) or quote units (inverse) of a contract
    leverage: float | None = None
    margin_mode: str = "none"
    margin: float | None = None  # isolated margin in settle units; else it follows from the leverage
    maintenance_rate: float | None = None  # given by whoever entered it; goes before tiers
    maintenance_amount: float | None = None

    @property
    def sign(self) -> int:
        """1 long, -1 short."""
        return 1 if self.side == "long" else -1

    @property
    def inverse(self) -> bool:
        """Whether it is settled in its base currency."""
        return self.settle is not None and self.settle == self.base and self.settle != self.quote

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.account} {self.venue} {self.symbol} {self.side}"


@dataclass(frozen=True, slots=True)
class Funding:
    """What a perpetual's holders pay each other: `rate` of the worth every `interval_hours`."""

    rate: float  # above 0: who is long pays
    interval_hours: float
    ts: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A price to value a position at."""

    price: float
    ts: datetime
    source: str  # mark_price, or candle: the close of the newest minute


@dataclass(frozen=True, slots=True)
class Equity:
    """What an account holds of a currency without its open positions' gains: the wallet balance."""

    amount: float
    currency: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the positions, by instrument or account."""

    marks: dict[int, Mark] = field(default_factory=dict)
    tiers: dict[int, Sequence[Tier]] = field(default_factory=dict)
    funding: dict[int, Funding] = field(default_factory=dict)
    balances: dict[str, dict[str, Equity]] = field(default_factory=dict)  # by account and currency
