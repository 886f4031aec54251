"""A wall goes on through pauses and resyncs of its book; what trades might explain unheard is not judged."""

import json
import math
from collections.abc import Callable

import pytest

from alphapulse_assets.alerts.model import AlertKind
from alphapulse_assets.order_book.whales.events import WhaleKind as K
from alphapulse_assets.order_book.whales.thresholds import Subject
from alphapulse_resources.streams.messages import Levels
from alphapulse_resources.streams.tables import WHALE_ACTIVITIES
from tests.unit.market_session_support import SMALL, START, Heard, binance_depth, binance_trade, rest_book
from tests.unit.test_whales import Market

MID = 10.0
WALL = (9.94, 200_000.0)  # 2 million


def book(wall: float = WALL[1]) -> tuple[Levels, Levels]:
    """200 levels a side of 1,000 to 5,000, and the wall: 20 levels of a side are within reach."""
    bids = [(round(MID - 0.01 * n, 2), 100.0 + 37.0 * n % 400) for n in range(1, 201)]
    asks = [(round(MID + 0.01 * n, 2), 100.0 + 53.0 * n % 400) for n in range(1, 201)]
    bids = [(price, wall if price == WALL[0] else size) for price, size in bids]
    return [level for level in bids if level[1]], asks


class Quiet:
    """A market in which a level far from mid changes now and then, and a wall rests all the time."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.session = self.heard.session
        self.session.track("XUSDT", 7, START, subject=Subject("binance", "XUSDT", "X/USDT", "spot"))
        self.session.opened("one", START)
        self.last_id, self.now = 1000, START
        self.diff([])
        self.snapshot()

    def diff(self, bids: Levels, skip: int = 0) -> None:
        self.now += 0.1
        first = self.last_id + 1 + skip
        self.last_id = first
        self.session.received("one", binance_depth("XUSDT", first, first, self.now, bids=bids), self.now)
        self.wait(0.1)

    def snapshot(self, wall: float = WALL[1]) -> None:
        self.session.snapshot(rest_book("XUSDT", self.last_id, *book(wall)), self.now)

    def touch(self) -> None:
        self.diff([(9.0, 100.0 + self.now % 50)])

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.session.silent(self.now)
        self.session.tick(self.now)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(row["kind"], row["cause"]) for row in self.heard.rows(WHALE_ACTIVITIES)]

    @property
    def alerts(self) -> int:
        return sum(alert.kind is AlertKind.WHALE for alert in self.heard.alerts)


def paused(market: Quiet) -> None:
    """Silent for so long that the venue's book is asked for, which holds nothing newer."""
    market.wait(11.0)
    market.snapshot()


def resynced(market: Quiet) -> None:
    """Updates are missing, and a book over REST makes up for them; the wall is a little smaller in it."""
    market.diff([], skip=3)
    market.wait(0.5)
    market.snapshot(WALL[1] * 0.9)


@pytest.mark.parametrize("happens", [paused, resynced])
def test_a_wall_that_rests_all_the_time_is_told_and_alerted_once(happens: Callable[[Quiet], None]) -> None:
    market = Quiet()
    for _ in range(30):
        market.touch()
        happens(market)
        market.wait(60.0 - market.now % 60.0)
        paused(market)
    market.touch()
    assert market.told == [("wall_appeared", "found")]
    assert market.alerts == 1
    (row,) = market.heard.rows(WHALE_ACTIVITIES)
    evidence = json.loads(row["evidence"])
    assert (evidence["at_least"], evidence["first_seen"]) == (True, row["ts"].timestamp())
    market.session.stop(market.now)
    assert market.told[1:] == [("wall_ended", "unknown")]


def test_a_wall_that_a_new_snapshot_does_not_hold_ends_as_unknown_and_one_that_it_holds_may_have_grown() -> (
    None
):
    market = Quiet()
    market.touch()
    for wall in (0.0, WALL[1], 3.0 * WALL[1], 0.1 * WALL[1]):
        market.diff([], skip=3)
        market.snapshot(wall)
        for _ in range(10):
            market.touch()
            market.wait(9.0)
    found, ended = ("wall_appeared", "found"), ("wall_ended", "unknown")
    assert market.told == [found, ended, found, ("wall_grew", "added"), ended]
    assert market.alerts == 1  # one that is only seen again is no news


def test_a_wall_placed_again_is_news() -> None:
    market = Quiet()
    market.touch()
    for _ in range(2):
        market.diff([(WALL[0], 0.0)])
        for _ in range(70):
            market.wait(1.0)
            market.touch()
        market.diff([WALL])
    assert [cause for kind, cause in market.told if kind == "wall_appeared"] == ["found", "placed", "placed"]
    assert market.alerts == 3


def test_a_book_without_proof_for_too_long_gives_its_walls_up_whenever_that_is_looked_at() -> None:
    ends = []
    for looks in (1, 400):
        market = Market()
        market.bid(997.0, 500.0)
        market.pause()
        since = market.now
        for _ in range(looks):
            market.wait(400.0 / looks)
        ended = market.events[-1]
        assert (ended.kind, ended.cause) == (K.WALL_ENDED, "unknown")
        assert ended.known_at == since + 300.0
        ends.append(ended)
        market.resume()
        market.bid(999.0, 1.0)
        assert market.kinds == [K.WALL_APPEARED, K.WALL_ENDED]
    assert ends[0] == ends[1]


def test_what_was_open_when_the_book_paused_is_judged_when_it_goes_on() -> None:
    market = Market()
    for i in range(120):
        market.sell(999.9, 100.0 + i % 10)
    market.bid(997.0, 500.0)
    market.bid(996.0, 500.0)
    market.bid(997.0, 0.0)
    market.pause()
    market.wait(20.0)
    market.sell(997.0, 450.0)
    market.sell(999.9, 3000.0)
    assert market.kinds == [K.WALL_APPEARED, K.WALL_APPEARED]  # nothing is concluded meanwhile
    market.resume()
    assert [(e.kind, e.price) for e in market.events[2:]] == [
        (K.LARGE_TRADE, 997.0),
        (K.LARGE_TRADE, 999.9),
        (K.WALL_CONSUMED, 997.0),
    ]
    assert {e.known_at for e in market.events[2:]} == {market.now}


@pytest.mark.parametrize("when", ["before", "during", "just before", "just after", "known again"])
def test_without_trades_a_wall_that_vanishes_is_not_judged(when: str) -> None:
    market = Market()
    market.bid(997.0, 500.0)
    trades = market.watch.trades_known
    if when != "during" and when != "just after":
        trades(False, market.now)
        market.wait(5.0)
    if when == "just before":
        trades(True, market.now)
    market.bid(997.0, 0.0)
    if when == "just after":
        market.wait(0.5)
        trades(False, market.now)
        trades(True, market.now)
    if when == "during":
        trades(False, market.now)
    if when == "known again":
        trades(True, market.now)
    market.wait(5.0)
    assert [(e.kind, e.cause) for e in market.events[1:]] == [(K.WALL_ENDED, "unknown")]
    trades(True, market.now)
    market.wait(5.0)
    market.bid(996.0, 500.0)
    market.bid(996.0, 0.0)
    market.wait(5.0)
    assert market.kinds[-1] is K.WALL_PULLED


def test_what_the_trades_that_were_heard_prove_is_judged_all_the_same() -> None:
    market = Market()
    market.bid(999.0, 500.0)
    market.watch.trades_known(False, market.now)
    market.bid(999.0, 450.0)
    market.watch.trades_known(True, market.now)
    market.wait(2.0)
    market.sell(999.0, 450.0)
    market.bid(999.0, 0.0)
    market.wait(2.0)
    assert market.kinds[-1] is K.WALL_CONSUMED


def test_a_level_is_as_old_as_most_of_it_and_a_wall_known_late_was_found() -> None:
    market = Market(start=False)
    levels = [(round(1000.0 - 0.1 * n, 6), 8.0 + n % 5) for n in range(1, 20)]
    market._feed(market.watch.on_synced, [*levels, (997.05, 500.0)], [(1000.1, 9.0)], (0.0, math.inf))
    loaded = market.now - 0.01
    assert market.events == []  # too little is known to tell what is large
    for n in range(120):
        market.bid(999.9, 8.0 + n % 5)
    (wall,) = market.events
    assert (wall.cause, wall.evidence["at_least"]) == ("found", True)
    assert wall.evidence["first_seen"] == pytest.approx(loaded)
    assert wall.evidence["age"] == pytest.approx(wall.ts - loaded)
    market.bid(996.05, 20.0)
    placed = market.now - 0.01
    market.wait(5.0)
    market.bid(996.05, 400.0)
    assert market.events[-1].cause == "placed"
    assert market.events[-1].evidence["first_seen"] > placed + 5.0


@pytest.mark.parametrize("price", [5e-324, 1e-200, 1.0, 1e200, 1.7e308, math.inf, math.nan])
@pytest.mark.parametrize("size", [0.0, 5e-324, 1e-200, 1e200, 1.7e308, math.inf, math.nan, -1.0])
def test_no_number_makes_whales_raise_or_enters(price: float, size: float) -> None:
    market = Market(SMALL.default.whales)
    market.bid(price, size)
    market.ask(price, size)
    market.sell(price, size)
    market.sync(bids=[(price, size)])
    market.bid(999.0, 700.0)
    market.wait(2.0)
    assert all(math.isfinite(event.notional) for event in market.events)
    assert all(math.isfinite(event.size) and event.size > 0 for event in market.events)


def test_trades_during_a_pause_reach_the_wall_they_took_from() -> None:
    market = Quiet()
    market.touch()
    market.wait(11.0)
    trade = binance_trade("XUSDT", 1, market.now, WALL[0], 150_000.0, buyer=False)
    market.session.received("one", trade, market.now)
    market.diff([(WALL[0], 0.0)])
    market.wait(2.0)
    assert market.told[-1] == ("wall_consumed", "traded")
