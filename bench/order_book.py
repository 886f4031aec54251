"""Order books: decode, apply and measure beside ccxt.pro's own order book, on the same messages.

Ours does all that the live path does: typed decode, continuity, apply, crossed check, every feature, order
flow at 10 levels. ccxt's does less: json, floats, its order book classes; no check of continuity, nothing
measured. Its exchange classes around them (symbols, futures, timestamps), which cost more, are left out.

And the whole book of a large market as Coinbase sends it, one message: decoded, loaded, whales and zones made
of it, in the event loop of a stream, so that this is how long everything else waits. And what a reading of
the depth by price bins costs.
"""

import gc
import json
import random
import time
from collections.abc import Callable
from typing import Final

from ccxt.async_support.base.ws.order_book import OrderBook as CcxtBook

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.levels import LevelStore, warm_up
from alphapulse_assets.order_book.depth.bins import DepthGrid
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, SnapshotQuery
from alphapulse_resources.streams.venues import ADAPTERS
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 9
MESSAGES: Final = 2_000
DEPTH: Final = 1_000
SMALL, LARGE = 7, 60
"""Levels per message: the mean of real small Binance symbols, and of Bybit's 500-level XRPUSDT."""

_BARS: Final = {SMALL: Bar(Demand.RATIO_AT_LEAST, round(1 / 0.7, 2)), LARGE: Bar(Demand.RATIO_AT_LEAST, 2.22)}
WHOLE: Final = 144_000
"""Levels of a whole book: 17 MB of Coinbase's frames."""
WHOLE_BAR: Final = Bar(Demand.OURS_AT_MOST, 1.0)
READINGS: Final = 200
BINNED_BAR: Final = Bar(Demand.OURS_AT_MOST, 500.0)
"""A thousand symbols each second would be half a core (ours)."""
_MID: Final = 10_000  # ticks
_TICK: Final = 0.0001


def run() -> list[Figure]:
    """Processor time per message, in microseconds, for small and for large diffs."""
    warm_up()
    return [_figure(levels) for levels in (SMALL, LARGE)] + _whole_book() + _binned()


def recording(levels: int) -> tuple[bytes, list[bytes]]:
    """A snapshot body and the frames after it, in Binance's spot form; the same every time.

    Most changes are near the best price, and half of them remove a level or bring one back.
    """
    chance = random.Random(levels)
    bids = [[_price(_MID - 1 - i), _size(chance)] for i in range(DEPTH)]
    asks = [[_price(_MID + 1 + i), _size(chance)] for i in range(DEPTH)]
    snapshot = {"lastUpdateId": 100, "bids": bids, "asks": asks}
    frames = []
    for number in range(MESSAGES):
        n_bids = chance.randint(0, levels)
        data = {
            "e": "depthUpdate",
            "E": 1_700_000_000_000 + 100 * number,
            "s": "XRPUSDT",
            "U": 101 + number,
            "u": 101 + number,
            "b": [_change(chance, -1) for _ in range(n_bids)],
            "a": [_change(chance, 1) for _ in range(levels - n_bids)],
        }
        frame = {"stream": "xrpusdt@depth@100ms", "data": data}
        frames.append(json.dumps(frame, separators=(",", ":")).encode())
    return json.dumps(snapshot).encode(), frames


def whole_book() -> bytes:
    """A snapshot of Coinbase's of `WHOLE` levels, in no order; 17 MB."""
    chance = random.Random(WHOLE)
    updates = [
        {
            "side": name,
            "event_time": "2026-01-05T00:00:00.000000Z",
            "price_level": f"{60_000 + sign * 0.25 * (n + 1):.2f}",
            "new_quantity": f"{chance.lognormvariate(-2, 1):.8f}",
        }
        for name, sign in (("bid", -1), ("offer", 1))
        for n in range(WHOLE // 2)
    ]
    chance.shuffle(updates)
    event = {"type": "snapshot", "product_id": "BTC-USD", "updates": updates}
    head = {"channel": "l2_data", "client_id": "", "timestamp": "2026-01-05T00:00:00.1Z", "sequence_num": 0}
    return json.dumps(head | {"events": [event]}).encode()


def _whole_book() -> list[Figure]:
    """Processor time until a whole book is decoded, and until all that follows from it is made."""
    frame, adapter = whole_book(), ADAPTERS["coinbase"]
    decoded, taken = [], []
    for _ in range(ROUNDS):
        session = MarketSession(
            adapter,
            put=lambda *_: None,
            request=_ignore,
            run_id="bench",
            shard="1-of-1",
            alert=_ignore,
            options=SessionOptions(live=False),
        )
        session.track("BTC-USD", 1, 0.0)
        started = time.process_time_ns()
        messages = adapter.decode(frame)
        decoded.append((time.process_time_ns() - started) / 1e9)
        session.take(messages, "one", 1.0)
        taken.append((time.process_time_ns() - started) / 1e9)
        if len(session.books["BTC-USD"].bids()) != WHOLE // 2:
            raise BenchmarkError("the book was not loaded: the times mean nothing")
    name = f"order book, a whole one of {WHOLE:,} levels"
    return [
        Figure(f"{name}: decoded", "s CPU", tuple(decoded)),
        Figure(f"{name}: decoded, loaded, looked at", "s CPU", tuple(taken), bar=WHOLE_BAR),
    ]


def _binned() -> list[Figure]:
    """Processor time to read the depth around mid by price bins, of books over REST and of a whole one."""
    grid, found = DepthGrid(2.0, 200.0), []
    for levels, limit in ((1_000, 1_000), (5_000, 5_000), (WHOLE // 2, None)):
        store, taken = LevelStore(Measures()), []
        sides = [[(60_000 + sign * 0.25 * (n + 1), 1.0) for n in range(levels)] for sign in (-1, 1)]
        store.load(DepthSnapshot("XRPUSDT", 1, *sides, limit=limit))
        for _ in range(ROUNDS):
            started = time.process_time_ns()
            for _ in range(READINGS):
                bins = grid.read(*store.arrays)
            taken.append((time.process_time_ns() - started) / READINGS / 1_000)
        if not 0.9 * min(levels, 4_800) <= sum(bins.bids) <= levels:
            raise BenchmarkError("the bins do not hold the book: the times mean nothing")
        found.append(
            Figure(f"order book, {levels:,} levels a side by bins", "us CPU", tuple(taken), bar=BINNED_BAR)
        )
    return found


def _figure(levels: int) -> Figure:
    snapshot, frames = recording(levels)
    _same_levels(snapshot, frames)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_cost(*_ours(snapshot), frames))
        theirs.append(_cost(*_ccxt(snapshot), frames))
    name = f"order book, {levels} levels a message"
    return Figure(name, "us CPU", tuple(ours), "ccxt.pro's book", tuple(theirs), _BARS[levels])


def _cost(take: Callable[[bytes], object], _book: object, frames: list[bytes]) -> float:
    """Processor microseconds per message."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time_ns()
        for frame in frames:
            take(frame)
        return (time.process_time_ns() - started) / len(frames) / 1_000
    finally:
        gc.enable()


def _ours(snapshot: bytes) -> tuple[Callable[[bytes], object], OrderBook]:
    adapter = ADAPTERS["binance"]
    book = OrderBook("XRPUSDT", adapter.rules, emit=_ignore, request=_ignore)
    book.on_snapshot(adapter.decode_snapshot(SnapshotQuery("XRPUSDT", DEPTH), snapshot), 0.0)

    def take(frame: bytes) -> None:
        for message in adapter.decode(frame):
            if isinstance(message, DepthDiff):
                book.on_diff(message, 0.0)

    return take, book


def _ccxt(snapshot: bytes) -> tuple[Callable[[bytes], object], CcxtBook]:
    body = json.loads(snapshot)
    sides = {side: [[float(price), float(size)] for price, size in body[side]] for side in ("bids", "asks")}
    book = CcxtBook(sides)

    def take(frame: bytes) -> None:
        data = json.loads(frame)["data"]
        for side, changes in (("asks", data["a"]), ("bids", data["b"])):
            store = book[side].storeArray
            for price, size in changes:
                store([float(price), float(size)])
        book["nonce"] = data["u"]
        book.limit()

    return take, book


def _same_levels(snapshot: bytes, frames: list[bytes]) -> None:
    (take_ours, ours), (take_theirs, theirs) = _ours(snapshot), _ccxt(snapshot)
    for frame in frames:
        take_ours(frame)
        take_theirs(frame)
    for side, levels in (("bids", ours.bids()), ("asks", ours.asks())):
        if [tuple(level) for level in theirs[side]] != levels or ours.features is None:
            raise BenchmarkError(f"the two books differ in their {side}: the times mean nothing")


def _change(chance: random.Random, side: int) -> list[str]:
    distance = 1 + min(int(chance.expovariate(0.02)), DEPTH - 1)
    size = _size(chance) if chance.random() < 0.7 or distance < 3 else "0.00000000"
    return [_price(_MID + side * distance), size]


def _price(ticks: int) -> str:
    return f"{ticks * _TICK:.8f}"


def _size(chance: random.Random) -> str:
    return f"{chance.uniform(1, 10_000):.8f}"


def _ignore(_: object) -> None:
    """Nobody listens."""
