"""What tests of the session share: a session that remembers what it said, frames as venues send them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.order_book.book.events import SnapshotRequest
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.thresholds import (
    Subject,
    SymbolThresholds,
    Thresholds,
    WhaleThresholds,
)
from alphapulse_resources.streams.messages import DepthSnapshot, Levels
from alphapulse_resources.streams.tables import Row, StreamTable
from alphapulse_resources.streams.venues import ADAPTERS

BIDS = [(round(100.0 - 0.01 * n, 2), 10.0 + n % 3) for n in range(1, 11)]
ASKS = [(round(100.0 + 0.01 * n, 2), 10.0 + n % 3) for n in range(1, 11)]
"""Ten levels a side, 1 bps apart, around 100."""

START = 1_700_000_040.0
"""Our clock when tests begin: the 0th second of a minute."""

SMALL = Thresholds(
    SymbolThresholds(whales=WhaleThresholds(floor=1000.0, quantile=0.5, least_samples=5, robust_z=0.5))
)
"""Thresholds that small test markets reach."""


@dataclass
class Heard:
    """A session and everything that came out of it."""

    venue: str = "binance"
    options: SessionOptions = field(default_factory=SessionOptions)
    register: Callable[[str], int | None] | None = None
    puts: list[tuple[StreamTable, Row]] = field(default_factory=list)
    requests: list[SnapshotRequest] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    candles: list[tuple[int, ClosedCandle]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = MarketSession(
            ADAPTERS[self.venue],
            put=lambda table, row: self.puts.append((table, row)),
            request=self.requests.append,
            run_id="run",
            shard="0/1",
            alert=self.alerts.append,
            options=self.options,
            on_candle=lambda instrument_id, candle: self.candles.append((instrument_id, candle)),
            register=self.register,
        )

    def rows(self, table: StreamTable) -> list[dict[str, Any]]:
        """The rows put into a table, in order."""
        return [dict(zip(table.columns, row, strict=False)) for each, row in self.puts if each is table]

    def causes(self, table: StreamTable) -> list[str]:
        """`cause` of a table's rows."""
        return [row["cause"] for row in self.rows(table)]


def texts(levels: Levels) -> list[list[str]]:
    """Levels as venues write them."""
    return [[repr(price), repr(size)] for price, size in levels]


def binance_depth(
    symbol: str,
    first: int,
    last: int,
    at: float,
    bids: Levels = (),
    asks: Levels = (),  # type: ignore[assignment]  # a tuple is empty
) -> bytes:
    """A diff of Binance spot, sent 20 ms before `at`."""
    data = {"e": "depthUpdate", "E": _ms(at), "s": symbol, "U": first, "u": last}
    return _wrapped(f"{symbol.lower()}@depth@100ms", data | {"b": texts(bids), "a": texts(asks)})


def binance_trade(
    symbol: str, number: int, at: float, price: float, size: float, *, buyer: bool = True
) -> bytes:
    """An aggregate trade of Binance spot."""
    data = {"e": "aggTrade", "E": _ms(at), "s": symbol, "a": number, "p": repr(price), "q": repr(size)}
    return _wrapped(f"{symbol.lower()}@aggTrade", data | {"T": _ms(at), "m": not buyer})


def binance_kline(
    symbol: str, open_time: float, at: float, prices: tuple[float, ...], *, closed: bool
) -> bytes:
    """A 1m kline of Binance spot: prices are open, high, low, close, volume."""
    o, h, low, c, v = map(repr, prices)
    kline = {"t": round(open_time * 1000), "T": round(open_time * 1000) + 59_999, "s": symbol, "i": "1m"}
    kline |= {"o": o, "h": h, "l": low, "c": c, "v": v, "n": 3, "x": closed, "q": "10.0", "V": "0.5"}
    return _wrapped(f"{symbol.lower()}@kline_1m", {"e": "kline", "E": _ms(at), "s": symbol, "k": kline})


def rest_book(symbol: str, last_id: int, bids: Levels, asks: Levels, limit: int = 1000) -> DepthSnapshot:
    """A book over REST: no time of the venue's."""
    return DepthSnapshot(symbol, last_id, bids, asks, limit=limit)


def coinbase(number: int, at: float, channel: str, *events: dict[str, Any]) -> bytes:
    """A message of Coinbase's."""
    moment = datetime.fromtimestamp(round(at - 0.02, 3), UTC).isoformat()
    return json.dumps(
        {"channel": channel, "timestamp": moment, "sequence_num": number, "events": list(events)}
    ).encode()


def coinbase_book(kind: str, symbol: str, bids: Levels, asks: Levels) -> dict[str, Any]:
    """A book event of Coinbase's."""
    sides = [("bid", level) for level in bids] + [("offer", level) for level in asks]
    updates = [{"side": s, "price_level": repr(p), "new_quantity": repr(q)} for s, (p, q) in sides]
    return {"type": kind, "product_id": symbol, "updates": updates}


def _ms(at: float) -> int:
    return round((at - 0.02) * 1000)


def _wrapped(stream: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"stream": stream, "data": data}, separators=(",", ":")).encode()


def moment(at: float) -> datetime:
    """A time of ours as rows have it."""
    return datetime.fromtimestamp(at, UTC)


def synced(at: float = START, **options: Any) -> Heard:
    """A session with one synced book at update 100, of which the venue's time is known."""
    heard = Heard(options=SessionOptions(**options))
    heard.session.track("X", 7, at, subject=Subject("binance", "X", "X/USD", "spot"))
    heard.session.received("one", binance_depth("X", 100, 100, at, bids=[(99.5, 1.0)]), at)
    heard.session.snapshot(rest_book("X", 99, BIDS, ASKS), at + 0.01)
    return heard
