"""What a unit of a quote currency is worth in USD: notionals of all markets are compared in it. Pure.

Thresholds are orders of magnitude, so a rate need be no better than that: a stablecoin of the dollar counts
as one, and a close of a few hours ago will do.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

MAX_RATE_AGE: Final = 86_400.0
"""Seconds that the close behind a rate may be old; an older one is none (ours)."""

LONGEST_WAY: Final = 3
"""Markets that may lie between a currency and the dollar: SOL/ETH, ETH/BTC, BTC/USDT (ours)."""

STABLECOINS: Final = frozenset(
    ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PAX", "DAI", "USDE", "USD1", "USDS", "PYUSD", "RLUSD")
)
"""Taken for one dollar each, whatever they trade at (ours; UST, which lost its peg, is not among them)."""

KNOWN: Final[Mapping[str, float]] = MappingProxyType(
    {
        "EUR": 1.1,
        "GBP": 1.3,
        "CHF": 1.2,
        "AUD": 0.65,
        "CAD": 0.72,
        "JPY": 0.0067,
        "KRW": 0.00072,
        "BKRW": 0.00072,
        "BRL": 0.18,
        "MXN": 0.054,
        "TRY": 0.025,
        "RUB": 0.012,
        "UAH": 0.024,
        "PLN": 0.27,
        "RON": 0.22,
        "CZK": 0.046,
        "ZAR": 0.056,
        "INR": 0.0115,
        "IDR": 0.000061,
        "IDRT": 0.000061,
        "BIDR": 0.000061,
        "COP": 0.00025,
        "NGN": 0.00065,
    }
)
"""Fiat money in USD to about a tenth, of 2025 (ours, rounded): for where no stored market tells.

Coins are not here: they move by halves within a year. What an operator sets goes before this table.
"""


class UsdRate(NamedTuple):
    """USD for one unit of a currency; NaN where it is unknown. `source` says where it is from."""

    value: float
    source: str

    @property
    def known(self) -> bool:
        """Whether it is."""
        return not math.isnan(self.value)


UNKNOWN: Final = UsdRate(math.nan, "unknown")
PAR: Final = UsdRate(1.0, "USD")


class Close(NamedTuple):
    """The newest close of a market: `base` is worth `price` in `quote`, as of `ts` (seconds since 1970)."""

    venue: str
    base: str
    quote: str
    price: float
    ts: float


@dataclass(frozen=True)
class UsdRates:
    """Rates by currency: what was given, else 1 for stablecoins, else by stored closes, else as in `KNOWN`.

    Args:
        given: set by whoever runs this, by currency.
        closes: see `from_closes`.
    """

    given: Mapping[str, float] = field(default_factory=dict)
    closes: Mapping[str, UsdRate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for currency, rate in self.given.items():
            if not 0.0 < rate < math.inf:
                raise ValueError(f"a unit of {currency} cannot be worth {rate} USD: give a number above 0")

    def of(self, currency: str | None) -> UsdRate:
        """The rate of a currency; unknown for None."""
        if currency is None:
            return UNKNOWN
        if currency == "USD":
            return PAR
        if (rate := self.given.get(currency)) is not None:
            return UsdRate(rate, "given")
        if currency in STABLECOINS:
            return UsdRate(1.0, "stablecoin")
        if currency in self.closes:
            return self.closes[currency]
        return UsdRate(KNOWN[currency], "table") if currency in KNOWN else UNKNOWN


def from_closes(closes: Iterable[Close], at: float) -> dict[str, UsdRate]:
    """USD rates of all currencies that markets connect with the dollar, as of `at`.

    A close after `at` or older than `MAX_RATE_AGE` counts for nothing. The way with the fewest markets is
    taken, of several the one whose oldest close is newest, then the first by venue and name: the same closes
    give the same rates in whatever order they come.
    """
    edges: defaultdict[str, list[tuple[str, float, Close]]] = defaultdict(list)
    for close in sorted(closes):
        if 0.0 < close.price < math.inf and 0.0 <= at - close.ts <= MAX_RATE_AGE:
            edges[close.quote].append((close.base, close.price, close))
            edges[close.base].append((close.quote, 1.0 / close.price, close))
    found: dict[str, tuple[float, float, str]] = dict.fromkeys(
        ("USD", *sorted(STABLECOINS)), (1.0, math.inf, "")
    )
    reached = dict(found)
    for _ in range(LONGEST_WAY):
        step: dict[str, tuple[float, float, str]] = {}
        for known, (worth, oldest, way) in reached.items():
            for currency, price, close in edges[known]:
                age = min(oldest, close.ts)
                if currency not in found and (currency not in step or age > step[currency][1]):
                    told = f"{close.venue} {close.base}/{close.quote}"
                    step[currency] = (worth * price, age, f"{told}, {way}" if way else told)
        found |= step
        reached = step
    return {
        currency: UsdRate(worth, way)
        for currency, (worth, _, way) in found.items()
        if way and 0.0 < worth < math.inf
    }
