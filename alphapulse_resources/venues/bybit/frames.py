"""Bybit's v5 public stream: `orderbook.N.SYMBOL`, `publicTrade.SYMBOL`, `kline.1.SYMBOL`, live or archived.

Source: Bybit's v5 documentation, "Orderbook": a snapshot first, then deltas; `u` "is always in sequence",
and 1 in a snapshot after a restart of their service; a snapshot may come again at any time and replaces the
book. The stream is about the best N levels per side.
"""

from collections import Counter
from typing import Final, Literal

import msgspec

from alphapulse_resources.streams.messages import (
    EXCERPT,
    BookRules,
    Candle,
    DepthDiff,
    DepthSnapshot,
    Liquidation,
    MalformedFrameError,
    Message,
    Notice,
    Refusal,
    SnapshotQuery,
    ToldLevels,
    Trade,
)
from alphapulse_resources.streams.symbols import spot_pair

_BOOK: Final = b'"orderbook.'
_DEPTH_NAMES: Final = (b'"orderbook.',)
_LIQUIDATIONS: Final = "allLiquidation."
_LIQUIDATION_NAMES: Final = (b'"allLiquidation.',)
_HEAD: Final = 120
_MINUTES: Final = "kline.1."  # one minute; other intervals have other numbers
_RESTARTED: Final = 1


class _Book(msgspec.Struct, gc=False):
    s: str
    b: ToldLevels
    a: ToldLevels
    u: int
    seq: int | None = None


class _BookFrame(msgspec.Struct, gc=False):
    topic: str
    type: str
    ts: int
    data: _Book


class _Trade(msgspec.Struct):
    s: str
    S: str  # side of the taker
    v: float
    p: float
    i: str
    T: int


class _TradeFrame(msgspec.Struct):
    data: list[_Trade]


class _Bar(msgspec.Struct):
    start: int  # open time
    open: float
    high: float
    low: float
    close: float
    volume: float
    turnover: float
    confirm: bool  # closed


class _KlineFrame(msgspec.Struct):
    topic: str
    ts: int
    data: list[_Bar]


class _Liquidated(msgspec.Struct, frozen=True):
    T: int
    s: str
    S: Literal["Buy", "Sell"]  # of the position: Buy is a long one
    v: float  # executed
    p: float  # bankruptcy price


class _LiquidationFrame(msgspec.Struct):
    ts: int
    data: list[msgspec.Raw]


class _Frame(msgspec.Struct):
    topic: str = ""
    op: str = ""
    success: bool | None = None
    ret_msg: str = ""


_read_book: Final = msgspec.json.Decoder(_BookFrame, strict=False).decode
_read_trades: Final = msgspec.json.Decoder(_TradeFrame, strict=False).decode
_read_klines: Final = msgspec.json.Decoder(_KlineFrame, strict=False).decode
_read_liquidations: Final = msgspec.json.Decoder(_LiquidationFrame, strict=False).decode
_read_liquidated: Final = msgspec.json.Decoder(_Liquidated, strict=False).decode
_read_frame: Final = msgspec.json.Decoder(_Frame, strict=False).decode


class BybitAdapter:
    """Bybit, any category: the frames are the same."""

    venue: Final = "bybit"
    rules: Final = BookRules(snapshot_in_stream=True)
    has_candles: Final = True
    trade_ids_run_on: Final = False

    def unified(self, venue_symbol: str) -> str | None:
        """Bybit uses the same name for spot and linear contracts; it is taken for spot."""
        return spot_pair(venue_symbol)

    def decode(self, raw: bytes) -> list[Message]:
        """See `StreamAdapter.decode`."""
        try:
            return [_depth(raw)] if _BOOK in raw[:_HEAD] else _other(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise MalformedFrameError(
                self.venue,
                raw,
                str(error),
                depth_names=_DEPTH_NAMES,
                liquidation_names=_LIQUIDATION_NAMES,
            ) from None

    def snapshot_query(self, url: str) -> SnapshotQuery | None:
        """None: Bybit's book comes over the socket, and its REST book counts differently."""
        return None

    def decode_snapshot(self, query: SnapshotQuery, body: bytes) -> DepthSnapshot:
        """See `snapshot_query`: there is none to decode."""
        raise MalformedFrameError(self.venue, body, f"no REST book is used ({query.symbol})")


def _depth(raw: bytes) -> Message:
    frame = _read_book(raw)
    book = frame.data
    if frame.type == "delta" and book.u != _RESTARTED:
        return DepthDiff(book.s, book.u - 1, book.u, book.u, book.b, book.a, frame.ts)
    if frame.type not in ("snapshot", "delta"):
        raise msgspec.ValidationError(f"a book message of type {frame.type!r}")
    return DepthSnapshot(
        book.s,
        book.u,
        book.b,
        book.a,
        venue_ms=frame.ts,
        limit=_depth_of(frame.topic),
        windowed=True,
        restarted=book.u == _RESTARTED,
    )


def _depth_of(topic: str) -> int:
    depth = topic.split(".")[1]
    if not depth.isdecimal():
        raise msgspec.ValidationError(f"topic {topic!r} names no depth")
    return int(depth)


def _other(raw: bytes) -> list[Message]:
    frame = _read_frame(raw)
    if frame.topic.startswith("orderbook."):
        return [_depth(raw)]
    if frame.topic.startswith("publicTrade."):
        return [
            Trade(trade.s, trade.i, trade.p, trade.v, trade.S == "Buy", trade.T)
            for trade in _read_trades(raw).data
        ]
    if frame.topic.startswith(_MINUTES):
        return _candles(raw)
    if frame.topic.startswith(_LIQUIDATIONS):
        return _liquidated(raw, frame.topic.removeprefix(_LIQUIDATIONS))
    if frame.success is False:
        return [Refusal(frame.ret_msg or f"{frame.op} refused")]
    return [Notice(frame.topic.split(".")[0] or frame.op or "unknown")]


def _candles(raw: bytes) -> list[Message]:
    frame = _read_klines(raw)
    symbol = frame.topic.removeprefix(_MINUTES)
    return [
        Candle(
            symbol,
            bar.start,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.confirm,
            frame.ts,
            quote_volume=bar.turnover,
        )
        for bar in frame.data
    ]


def _liquidated(raw: bytes, symbol: str) -> list[Message]:
    """All liquidations of a symbol since the last message; one that cannot be read costs no other.

    Documented: v5 "All Liquidation": pushed every 500 ms; `S` is the side of the position, `v` was executed,
    `p` is the bankruptcy price.
    """
    frame = _read_liquidations(raw)
    alike: Counter[_Liquidated] = Counter()
    found: list[Message] = []
    parts: list[tuple[str, str]] = []
    for each in frame.data:
        try:
            one = _read_liquidated(each)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            parts.append(
                (symbol, f"bybit {symbol}: {error}: {bytes(each)[:EXCERPT].decode(errors='replace')}")
            )
            continue
        times, alike[one] = alike[one], alike[one] + 1
        found.append(
            Liquidation(one.s, one.S == "Buy", one.p, one.v, one.T, frame.ts, filled=one.v, occurrence=times)
        )
    if parts:
        raise MalformedFrameError(
            "bybit", raw, "liquidations", liquidation_names=_LIQUIDATION_NAMES, read=found, parts=parts
        )
    return found
