"""What the simulated venues list: assets, their tick and lot sizes, and when each was listed.

Prices, sizes and dates look like the real ones; the price path itself is made up (see `market.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Floats, Ints

Digits = tuple[int, int]
"""Decimals of price and of size; together at most 8, so that notional sums stay exact in 64 bits."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One symbol of one venue."""

    venue: str  # binance, binanceusdm, binancecoinm, bybit, coinbase, kraken or okx
    kind: str  # spot or perpetual
    symbol: str  # the venue's own: BTCUSDT, BTC-USD, BTC/USD, BTCUSD_PERP
    base: str
    quote: str
    asset: str  # the price path it follows; a renamed coin keeps its old one
    price: float  # the level the path moves around
    notional: float  # typical value of one trade in quote units
    price_digits: int
    size_digits: int
    listed_ms: int
    delisted_ms: int | None = None
    contract: float | None = None  # quote value of one contract, where sizes are counted in contracts

    @property
    def tick(self) -> float:
        """The smallest price step."""
        return 10.0**-self.price_digits

    @property
    def lot(self) -> float:
        """The smallest size step."""
        return 10.0**-self.size_digits

    def lots_worth(self, notional: float, price: Ints) -> Floats:
        """Lots that are worth so much of the quote, at prices in ticks."""
        if self.contract is not None:
            return np.full(len(price), notional / self.contract * 10.0**self.size_digits)
        worth: Floats = notional * 10.0 ** (self.price_digits + self.size_digits) / price
        return worth

    def trading(self, now_ms: int) -> bool:
        """Whether it can be traded at `now_ms`."""
        return self.listed_ms <= now_ms and (self.delisted_ms is None or now_ms < self.delisted_ms)


@dataclass(frozen=True, slots=True)
class _Asset:
    base: str
    price: float
    notional: float
    spot: Digits
    perpetual: Digits
    coinbase: Digits | None
    listed: tuple[str, str, str, str, str]  # binance, USD-M, bybit spot, bybit linear, coinbase
    delisted: str | None = None
    path: str | None = None


_ASSETS: Final = (
    _Asset("BTC", 30000.0, 900.0, (2, 5), (1, 3), (2, 6),
           ("2017-08-17T04:00", "2019-09-25", "2021-07-05", "2020-03-25", "2015-07-20")),
    _Asset("ETH", 1800.0, 700.0, (2, 4), (2, 3), (2, 6),
           ("2017-08-17T04:00", "2019-11-27", "2021-07-05", "2020-10-21", "2016-05-18")),
    _Asset("SOL", 60.0, 400.0, (2, 3), (2, 2), (2, 5),
           ("2020-08-11T06:00", "2020-09-14", "2021-10-14", "2021-06-29", "2021-06-17")),
    _Asset("XRP", 0.6, 350.0, (4, 1), (4, 1), (4, 3),
           ("2018-05-04T08:00", "2020-01-06", "2021-07-05", "2021-05-13", "2019-02-26")),
    _Asset("DOGE", 0.1, 300.0, (5, 0), (5, 0), (5, 1),
           ("2019-07-05T12:00", "2020-07-10", "2021-07-19", "2021-06-02", "2021-06-03")),
    _Asset("ADA", 0.45, 250.0, (4, 1), (4, 0), (4, 3),
           ("2018-04-17T04:00", "2020-01-31", "2021-09-02", "2021-01-08", "2021-03-18")),
    _Asset("LTC", 85.0, 250.0, (2, 3), (2, 3), (2, 5),
           ("2017-12-13T03:00", "2020-01-09", "2021-08-20", "2021-01-08", "2016-08-17")),
    _Asset("BNB", 300.0, 350.0, (2, 3), (2, 2), None,
           ("2017-11-06T03:00", "2020-02-10", "2022-03-29", "2021-06-29", "")),
    _Asset("LINK", 11.0, 250.0, (2, 2), (3, 2), (3, 2),
           ("2019-01-16T10:00", "2020-01-17", "2021-07-19", "2020-10-21", "2019-06-27")),
    _Asset("AVAX", 22.0, 250.0, (2, 2), (3, 0), (2, 3),
           ("2020-09-22T06:00", "2020-09-23", "2021-11-25", "2021-08-10", "2021-09-30")),
    _Asset("DOT", 7.0, 250.0, (3, 2), (3, 1), (3, 3),
           ("2020-08-18T23:00", "2020-08-22", "2021-07-19", "2021-01-08", "2021-06-16")),
    _Asset("TRX", 0.09, 250.0, (4, 1), (5, 0), None,
           ("2018-06-11T11:00", "2020-01-15", "2022-01-12", "2021-08-10", "")),
    _Asset("WAVES", 3.5, 150.0, (3, 2), (4, 1), None,
           ("2018-05-24", "2020-07-01", "2021-12-09", "2021-09-01", ""), "2024-06-17T03:00"),
    _Asset("MATIC", 0.8, 250.0, (4, 1), (4, 0), (4, 2),
           ("2019-04-26T15:00", "2020-10-22", "2021-07-19", "2021-05-05", "2021-03-11"), "2024-09-10T03:00"),
    _Asset("POL", 0.8, 250.0, (4, 1), (4, 0), (4, 2),
           ("2024-09-13T10:00", "2024-09-13T12:00", "2024-09-13T10:00", "2024-09-13T12:00", "2024-10-16"),
           path="MATIC"),
)  # fmt: skip
_KRAKEN: Final = {
    "BTC": (1, 6, "2013-10-06T21:34"), "ETH": (2, 6, "2015-08-07T14:03"), "SOL": (2, 5, "2021-06-17"),
    "XRP": (5, 3, "2017-05-18"), "DOGE": (5, 1, "2019-12-20"), "ADA": (5, 3, "2018-09-28"),
    "LTC": (2, 5, "2013-10-24"), "LINK": (3, 4, "2019-10-03"), "DOT": (4, 3, "2020-08-18"),
}  # fmt: skip
"""Decimals of price and size, and the listing, of Kraken's pairs with the dollar."""

_COIN_M: Final = {
    "BTC": (1, 100.0, "2020-08-10T08:00"), "ETH": (2, 10.0, "2020-08-19T06:00"),
    "LINK": (3, 10.0, "2020-08-27T06:00"), "ADA": (5, 10.0, "2020-09-08T06:00"),
    "XRP": (4, 10.0, "2020-09-23T06:00"), "DOGE": (6, 10.0, "2021-05-07T06:00"),
}  # fmt: skip
"""Decimals of price, dollars of a contract, and the listing, of Binance's COIN-M perpetuals."""

_OKX: Final = {
    "BTC": (1, 4, 0.01, "2019-11-14"), "ETH": (2, 3, 0.1, "2019-11-14"), "SOL": (2, 2, 1.0, "2020-12-03"),
    "XRP": (4, 0, 100.0, "2020-01-22"), "DOGE": (5, 0, 1000.0, "2020-07-14"),
    "ADA": (4, 0, 100.0, "2020-05-14"),
    "LTC": (2, 2, 1.0, "2019-11-22"), "BNB": (1, 3, 0.01, "2022-10-11"), "LINK": (3, 2, 1.0, "2020-01-22"),
    "AVAX": (3, 2, 1.0, "2020-10-12"), "DOT": (3, 2, 1.0, "2020-08-21"), "TRX": (5, 0, 1000.0, "2019-12-26"),
}  # fmt: skip
"""Decimals of price and size, the base of a contract, and the listing, of OKX's linear swaps."""

_OKX_INVERSE: Final = {
    "BTC": (1, 100.0, "2018-12-13"), "ETH": (2, 10.0, "2018-12-13"), "XRP": (4, 10.0, "2019-03-25"),
}  # fmt: skip
"""Decimals of price, dollars of a contract, and the listing, of OKX's inverse swaps."""

_MADE_UP: Final = (3, 2, "2020-01-01")
_MADE_UP_SWAP: Final = (3, 1, 10.0, "2020-01-01")

RENAMED: Final = ("MATIC", "POL")
DELISTED: Final = "WAVES"


def epoch_ms(text: str) -> int:
    """Milliseconds since 1970 of an ISO time; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _extra(number: int) -> _Asset:
    everywhere = "2020-01-01"
    return _Asset(f"T{number:03d}", 10.0 + number, 200.0, (3, 2), (3, 1), (3, 2), (everywhere,) * 5)


def _pairs(asset: _Asset) -> Iterator[tuple[str, str, str, str, Digits, str]]:
    """Venue, kind, symbol, quote, decimals and listing of everything that an asset is traded as."""
    pairs = (
        ("binance", "spot", f"{asset.base}USDT", "USDT", asset.spot),
        ("binanceusdm", "perpetual", f"{asset.base}USDT", "USDT", asset.perpetual),
        ("bybit", "spot", f"{asset.base}USDT", "USDT", asset.spot),
        ("bybit", "perpetual", f"{asset.base}USDT", "USDT", asset.perpetual),
        ("coinbase", "spot", f"{asset.base}-USD", "USD", asset.coinbase),
    )
    for (venue, kind, symbol, quote, digits), listed in zip(pairs, asset.listed, strict=True):
        if digits is not None:
            yield venue, kind, symbol, quote, digits, listed
    made_up = asset.base[1:].isdecimal()
    if kraken := _MADE_UP if made_up else _KRAKEN.get(asset.base):
        yield "kraken", "spot", f"{asset.base}/USD", "USD", kraken[:2], kraken[2]
    if coin_m := _COIN_M.get(asset.base):
        yield "binancecoinm", "perpetual", f"{asset.base}USD_PERP", "USD", (coin_m[0], 0), coin_m[2]
    if swap := _MADE_UP_SWAP if made_up else _OKX.get(asset.base):
        yield "okx", "perpetual", f"{asset.base}-USDT-SWAP", "USDT", swap[:2], swap[3]
    if inverse := _OKX_INVERSE.get(asset.base):
        yield "okx", "perpetual", f"{asset.base}-USD-SWAP", "USD", (inverse[0], 0), inverse[2]


def _listings(asset: _Asset) -> Iterator[Listing]:
    for venue, kind, symbol, quote, digits, listed in _pairs(asset):
        yield Listing(
            venue=venue,
            kind=kind,
            symbol=symbol,
            base=asset.base,
            quote=quote,
            asset=asset.path or asset.base,
            price=asset.price,
            notional=asset.notional,
            price_digits=digits[0],
            size_digits=digits[1],
            listed_ms=epoch_ms(listed),
            delisted_ms=None if asset.delisted is None else epoch_ms(asset.delisted),
            contract=_dollars(venue, asset.base, quote),
        )


def _dollars(venue: str, base: str, quote: str) -> float | None:
    """Of contracts that settle in the coin: how many dollars one is."""
    if venue == "binancecoinm":
        return _COIN_M[base][1]
    return _OKX_INVERSE[base][1] if (venue, quote) == ("okx", "USD") else None


def contract_size(listing: Listing) -> float:
    """How much a contract is: dollars of inverse ones, of the base of linear ones (OKX; elsewhere 1)."""
    if listing.contract is not None:
        return listing.contract
    if listing.venue != "okx":
        return 1.0
    return _OKX[listing.base][2] if listing.base in _OKX else _MADE_UP_SWAP[2]


class Catalogue:
    """Every listing of every venue; `extra` adds made-up coins T000, T001, ... everywhere."""

    def __init__(self, extra: int = 0) -> None:
        assets = (*_ASSETS, *(_extra(number) for number in range(extra)))
        self._by_symbol = {
            (listing.venue, listing.kind, listing.symbol): listing
            for asset in assets
            for listing in _listings(asset)
        }

    def find(self, venue: str, kind: str, symbol: str) -> Listing | None:
        """The listing of that name, whether still trading or not."""
        return self._by_symbol.get((venue, kind, symbol))

    def of(self, venue: str, kind: str, now_ms: int) -> list[Listing]:
        """What the venue shows at `now_ms`: everything it has ever listed until then."""
        return [
            listing
            for (its_venue, its_kind, _), listing in self._by_symbol.items()
            if (its_venue, its_kind) == (venue, kind) and listing.listed_ms <= now_ms
        ]
