"""Binance's stream protocol: spot (binance, binanceus), USD-M and COIN-M futures.

Sources: "Diff. Depth Stream" and "How to manage a local order book correctly" in Binance's API documentation
for each of the three. Both forms of frame are read: bare, and wrapped as `{"stream": ..., "data": ...}`.
"""

from collections.abc import Callable
from typing import Final, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from alphapulse_resources.streams.messages import (
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

_DEPTH: Final = b'"depthUpdate"'
_WRAPPED: Final = b'{"stream"'
_DEPTH_NAMES: Final = (b'"depthUpdate"', b"@depth")
_LIQUIDATION_NAMES: Final = (b'"forceOrder"', b"@forceOrder", b"!forceOrder")
_HEAD: Final = 160  # bytes in which a depth frame names its kind, stream name included
_MINUTE: Final = "1m"
_SPOT_LIMIT: Final = 100  # levels where a request does not say (API documentation, "Order book")
_FUTURES_LIMIT: Final = 500

_T = TypeVar("_T")


class _SpotDepth(msgspec.Struct, gc=False):
    s: str
    U: int
    u: int
    b: ToldLevels
    a: ToldLevels
    E: int


class _FuturesDepth(msgspec.Struct, gc=False):
    s: str
    U: int
    u: int
    pu: int
    b: ToldLevels
    a: ToldLevels
    E: int


class _Trade(msgspec.Struct, gc=False):
    s: str
    p: float
    q: float
    m: bool  # the buyer was the maker
    T: int
    a: int | None = None  # id of an aggregate trade
    t: int | None = None  # id of a trade
    X: str = "MARKET"  # futures: also INSURANCE_FUND, ADL, NA, which are no trades of the book


class _Bar(msgspec.Struct, gc=False):
    t: int  # open time
    i: str  # interval
    o: float
    h: float
    low: float = msgspec.field(name="l")
    c: float
    v: float
    q: float  # quote volume; COIN-M: base volume, v being contracts
    n: int
    V: float  # bought by takers
    x: bool  # closed


class _Kline(msgspec.Struct, gc=False):
    s: str
    E: int
    k: _Bar


class _ForcedOrder(msgspec.Struct):
    s: str
    S: Literal["BUY", "SELL"]  # side of the order: SELL closes a long position
    q: float  # quantity of the order
    p: float  # its limit
    T: int
    X: str
    ap: float | None = None  # average price; 0 where nothing was filled
    z: float | None = None  # filled so far


class _Liquidation(msgspec.Struct):
    E: int
    o: _ForcedOrder


class _Error(msgspec.Struct):
    msg: str = ""
    code: int = 0


class _Head(msgspec.Struct):
    e: str = ""
    error: _Error | None = None
    code: int | None = None
    msg: str = ""
    id: int | str | None = None


class _Snapshot(msgspec.Struct):
    lastUpdateId: int
    bids: ToldLevels
    asks: ToldLevels
    E: int | None = None


class _WrappedSpotDepth(msgspec.Struct, gc=False):
    data: _SpotDepth


class _WrappedFuturesDepth(msgspec.Struct, gc=False):
    data: _FuturesDepth


class _Wrapped(msgspec.Struct):
    stream: str
    data: msgspec.Raw


def _decoder(kind: type[_T]) -> Callable[[bytes], _T]:
    return msgspec.json.Decoder(kind, strict=False).decode  # not strict: numbers come as text


_read_spot: Final = _decoder(_SpotDepth)
_read_futures: Final = _decoder(_FuturesDepth)
_read_wrapped_spot: Final = _decoder(_WrappedSpotDepth)
_read_wrapped_futures: Final = _decoder(_WrappedFuturesDepth)
_read_wrapped: Final = _decoder(_Wrapped)
_read_trade: Final = _decoder(_Trade)
_read_kline: Final = _decoder(_Kline)
_read_liquidation: Final = _decoder(_Liquidation)
_read_head: Final = _decoder(_Head)
_read_snapshot: Final = _decoder(_Snapshot)


class BinanceAdapter:
    """One of Binance's markets. `futures`: diffs carry `pu`, the id that the diff before them ended at.

    `in_contracts`: sizes are contracts. `unified` tells what its names mean.
    """

    has_candles: Final = True
    trade_ids_run_on: Final = True  # ours: seen in captures

    def __init__(
        self,
        venue: str,
        *,
        futures: bool,
        unified: Callable[[str], str | None],
        in_contracts: bool = False,
    ) -> None:
        self.venue: Final = venue
        self.unified: Final = unified
        self._in_contracts: Final = in_contracts
        self.rules: Final = BookRules(keeps_equal=futures, shares_ids=futures)
        self._futures = futures

    def decode(self, raw: bytes) -> list[Message]:
        """See `StreamAdapter.decode`."""
        try:
            if _DEPTH in raw[:_HEAD]:
                return [self._depth(raw)]
            return self._other(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise MalformedFrameError(
                self.venue,
                raw,
                str(error),
                depth_names=_DEPTH_NAMES,
                liquidation_names=_LIQUIDATION_NAMES,
            ) from None

    def snapshot_query(self, url: str) -> SnapshotQuery | None:
        """See `StreamAdapter.snapshot_query`."""
        parts = urlsplit(url)
        if not parts.path.endswith("/depth"):
            return None
        query = parse_qs(parts.query)
        symbol, limit = query.get("symbol", [""])[0], query.get("limit", [""])[0]
        default = _FUTURES_LIMIT if self._futures else _SPOT_LIMIT
        return SnapshotQuery(symbol.upper(), int(limit) if limit.isdecimal() else default)

    def decode_snapshot(self, query: SnapshotQuery, body: bytes) -> DepthSnapshot:
        """See `StreamAdapter.decode_snapshot`."""
        try:
            found = _read_snapshot(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise MalformedFrameError(
                self.venue, body, f"depth snapshot of {query.symbol}: {error}"
            ) from None
        return DepthSnapshot(
            query.symbol, found.lastUpdateId, found.bids, found.asks, venue_ms=found.E, limit=query.limit
        )

    def _depth(self, raw: bytes) -> DepthDiff:
        wrapped = raw.startswith(_WRAPPED)
        if self._futures:
            future = _read_wrapped_futures(raw).data if wrapped else _read_futures(raw)
            return DepthDiff(future.s, future.pu, future.U, future.u, future.b, future.a, future.E)
        spot = _read_wrapped_spot(raw).data if wrapped else _read_spot(raw)
        return DepthDiff(spot.s, spot.U - 1, spot.U, spot.u, spot.b, spot.a, spot.E)

    def _other(self, raw: bytes) -> list[Message]:
        """Whatever does not begin like a depth frame of ours."""
        stream, body = "", raw
        if b'"stream"' in raw[:_HEAD]:
            wrapped = _read_wrapped(raw)
            stream, body = wrapped.stream, bytes(wrapped.data)
        head = _read_head(body)
        if head.e == "depthUpdate":
            return [self._depth(body)]
        if head.e in ("trade", "aggTrade"):
            return [_trade(body, head.e)]
        if head.e == "kline":
            return [_kline(body, in_contracts=self._in_contracts)]
        if head.e == "forceOrder":
            return [_liquidation(body)]
        if head.error is not None:
            return [Refusal(f"{head.error.code} {head.error.msg}")]
        if head.code is not None and head.msg:
            return [Refusal(f"{head.code} {head.msg}")]
        return [Notice(head.e or _channel(stream) or ("answer" if head.id is not None else "unknown"))]


def _trade(body: bytes, kind: str) -> Message:
    found = _read_trade(body)
    trade_id = found.a if kind == "aggTrade" else found.t
    if trade_id is None:
        raise msgspec.ValidationError(f"a {kind} without its id")
    if found.X != "MARKET":
        return Notice(f"{kind}:{found.X}")
    return Trade(found.s, str(trade_id), found.p, found.q, not found.m, found.T)


def _kline(body: bytes, *, in_contracts: bool) -> Message:
    found = _read_kline(body)
    bar = found.k
    if bar.i != _MINUTE:
        return Notice("kline")
    return Candle(
        found.s,
        bar.t,
        bar.o,
        bar.h,
        bar.low,
        bar.c,
        bar.v,
        bar.x,
        found.E,
        quote_volume=None if in_contracts else bar.q,
        trades=bar.n,
        taker_buy_volume=bar.V,
    )


def _liquidation(body: bytes) -> Liquidation:
    """Of `<symbol>@forceOrder` and `!forceOrder@arr`, whose frames are the same.

    Documented: "Liquidation Order Streams" of USD-M and COIN-M; the quantity is that of the order, in
    contracts at COIN-M. Orders are told as one snapshot in 1000 ms a symbol, the others of it never.
    """
    found = _read_liquidation(body)
    order = found.o
    return Liquidation(
        order.s,
        order.S == "SELL",
        order.p,
        order.q,
        order.T,
        found.E,
        average_price=order.ap or None,
        filled=order.z,
        status=order.X,
    )


def _channel(stream: str) -> str:
    """`bookTicker` of `btcusdt@bookTicker`, `depth20` of `btcusdt@depth20@100ms`."""
    return stream.split("@")[1] if "@" in stream else stream
