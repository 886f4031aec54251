"""What holds for the session whatever comes: nothing depends on when it is looked at, nothing looks ahead."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.whales.thresholds import SweepThresholds, SymbolThresholds, Thresholds
from alphapulse_resources.streams.tables import (
    CANDLES,
    LIQUIDITY_SWEEPS,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_DEPTH,
    ORDER_BOOK_EVENTS,
    TRADES_1S,
    WHALE_ACTIVITIES,
    Conflict,
    Row,
)
from tests.unit.market_session_support import (
    ASKS,
    BIDS,
    SMALL,
    START,
    Heard,
    binance_depth,
    binance_kline,
    binance_trade,
    moment,
    rest_book,
    synced,
)

FACTS = (
    *(ORDER_BOOK_EVENTS, WHALE_ACTIVITIES, TRADES_1S, CANDLES, LIQUIDITY_SWEEPS, ORDER_BOOK_ALERTS),
    ORDER_BOOK_DEPTH,
)
SHORT = SweepThresholds(pivot_bars=1, atr_bars=1, volume_bars=1)
FINE = Thresholds(SymbolThresholds(whales=SMALL.default.whales, sweeps=SHORT))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["diff"] * 8 + ["trade"] * 4 + ["kline", "lose", "snapshot", "garbage", "close", "open", "twice"]
        ),
        st.integers(1, 12),
        st.sampled_from([0.0, 9.0, 60.0, 500.0]),
        st.sampled_from([0.01, 0.1, 0.7, 1.9, 21.0, 60.0]),
    ),
    max_size=50,
)


def play(steps: list[tuple[str, int, float, float]], ticks: st.DataObject | None = None) -> Heard:
    """The same messages at the same times; `ticks`: looked at in between, at moments of chance."""
    heard = synced(thresholds=FINE, live=False)
    at, last, trade, connection, minute = START, 100, 0, 1, START
    for what, tick, size, wait in steps:
        for part in sorted(ticks.draw(st.lists(st.floats(0.0, 1.0), max_size=3))) if ticks else ():
            heard.session.tick(at + part * wait)
        at = round(at + wait, 3)
        name = str(connection)
        if what in ("diff", "lose", "twice"):
            last += 2 if what == "lose" else 1
            sides = {"bids": [(100.0 - tick / 100, size)], "asks": [(100.5 + tick / 100, size + 1.0)]}
            frame = binance_depth("X", last, last, at, **sides)  # type: ignore[arg-type]  # two lists
            for _ in range(2 if what == "twice" else 1):
                heard.session.received(name, frame, at)
        elif what == "trade":
            trade += 1 + (tick == 12)
            heard.session.received(name, binance_trade("X", trade, at, 100.0 - tick / 100, size + 1.0), at)
        elif what == "kline":
            prices = (100.0, 100.0 + tick, 99.0 - size / 100, 100.0, 1.0 + size)
            heard.session.received(name, binance_kline("X", minute, at, prices, closed=True), at)
            minute += 60.0
        elif what == "snapshot":
            heard.session.snapshot(rest_book("X", last, BIDS, ASKS), at)
        elif what == "garbage":
            heard.session.received(name, b'{"stream":"x@depth","data":{"e":"depthUpdate","s":"X"', at)
        elif what == "close":
            heard.session.closed(name, at)
            connection += 1
        else:
            heard.session.opened(name, at)
    return heard


def facts(heard: Heard) -> dict[str, dict[tuple[Any, ...], Row]]:
    """The rows that are stored in the end, by table and key; what is never revised is put once only."""
    found: dict[str, dict[tuple[Any, ...], Row]] = {table.name: {} for table in FACTS}
    for table, row in heard.puts:
        if table in FACTS:
            key = tuple(row[table.column(name)] for name in table.key)
            assert table.conflict is not Conflict.KEEP or key not in found[table.name], (table.name, row)
            found[table.name][key] = row
    return found


@settings(max_examples=150, deadline=None)
@given(STEPS, st.data())
def test_the_facts_are_the_same_whenever_the_desk_is_looked_at(steps: Any, data: st.DataObject) -> None:
    seldom, often = play(steps), play(steps, data)
    for heard in (seldom, often):
        heard.session.stop(START + 10_000.0)
    assert facts(seldom) == facts(often)


def test_a_wall_that_vanished_is_judged_from_when_its_book_was_proven_again_whoever_looked() -> None:
    before = [("diff", 2, 0.0, 0.01), ("open", 1, 0.0, 0.01), ("snapshot", 1, 0.0, 0.01)]
    seldom, often = play(before), play(before)
    proven = START + 0.03
    for tick in (proven, proven + 0.5, proven + 1.5):
        often.session.tick(tick)
    for heard in (seldom, often):
        heard.session.stop(START + 10_000.0)
    assert WHALE_ACTIVITIES.name in facts(often)
    assert facts(seldom) == facts(often)


CLUSTER = [("diff", 1, 0.0, 0.01)] * 5
ONCE_WRONG = {
    "a wall is judged before it is told that trades were not heard": [
        *CLUSTER, ("kline", 1, 0.0, 60.0), ("kline", 1, 0.0, 60.0),
        ("diff", 1, 0.0, 21.0), ("diff", 2, 0.0, 0.01),
    ],
    "two signs that trades are not heard, the later one looked at first": [
        *CLUSTER, ("kline", 1, 0.0, 60.0), ("kline", 1, 0.0, 60.0), ("diff", 1, 0.0, 21.0),
    ],
    "a book proven again is lost before anybody saw it": [
        *CLUSTER[:3], ("open", 1, 0.0, 0.01), ("snapshot", 1, 0.0, 0.01), ("lose", 1, 0.0, 0.01),
    ],
}  # fmt: skip


class OneTick:
    """Stands for hypothesis' data: one look, at this part of this step."""

    def __init__(self, step: int, part: float) -> None:
        self._left, self._part = step, part

    def draw(self, _: Any) -> list[float]:
        self._left -= 1
        return [self._part] if self._left == -1 else []


@pytest.mark.parametrize("steps", ONCE_WRONG.values(), ids=ONCE_WRONG.keys())
def test_what_was_once_told_by_when_it_was_looked_at_is_not(steps: Any) -> None:
    seldom = play(steps)
    seldom.session.stop(START + 10_000.0)
    for step in range(len(steps)):
        for part in (0.0, 0.5, 1.0):
            often = play(steps, OneTick(step, part))  # type: ignore[arg-type]  # draws as it does
            often.session.stop(START + 10_000.0)
            assert facts(seldom) == facts(often), (step, part)


@settings(max_examples=100, deadline=None)
@given(STEPS, st.data())
def test_a_shorter_stream_gives_the_first_of_the_rows(steps: Any, data: st.DataObject) -> None:
    whole, part = play(steps), play(steps[: data.draw(st.integers(0, len(steps)))])
    assert part.puts == whole.puts[: len(part.puts)]


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_no_row_is_known_before_it_happened_or_holds_what_no_number_is(steps: Any) -> None:
    heard = play(steps)
    for table, row in heard.puts:
        named = dict(zip(table.columns, row, strict=False))
        if "known_at" in named:
            assert named["ts"] <= named["known_at"] <= moment(START + 10_000.0)
        for value in row:
            assert not isinstance(value, float) or abs(value) < float("inf")
        assert all(named[name] is not None for name in table.key)
