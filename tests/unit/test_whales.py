"""Whales: what is large, what becomes of it, and that nothing is concluded from what is not known."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.resting import RestingSizes
from alphapulse_assets.order_book.whales.events import Moment, WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.reference import Usual
from alphapulse_assets.order_book.whales.thresholds import SymbolThresholds, Thresholds, WhaleThresholds
from alphapulse_assets.order_book.whales.watch import ALL_IN_SIGHT, WhaleWatch
from alphapulse_resources.streams.messages import Levels, Trade

MID = 1000.0
LIMITS = WhaleThresholds(quantile=0.9)
CONTRACTS = Measures(contract=1000.0, inverse=True)  # so that notional does not depend on price
K = WhaleKind


class Market:
    """A book of 100 levels of 10 +- 2 per side, 0.1 (1 bps) apart, one call a tenth of a second."""

    def __init__(
        self,
        limits: WhaleThresholds = LIMITS,
        *,
        scale: float = 1.0,
        mirror: bool = False,
        start: bool = True,
    ) -> None:
        self.watch = WhaleWatch("BTCUSDT", limits, CONTRACTS if mirror or scale == 1.0 else None)
        self.events: list[WhaleEvent] = []
        self.scale, self.mirror, self.now, self.mid = scale, mirror, 100.0, MID
        if start:
            self.sync()

    def price(self, price: float) -> float:
        return self.scale * round(2 * MID - price if self.mirror else price, 6)

    def levels(self, levels: Levels) -> Levels:
        return [(self.price(price), size / self.scale) for price, size in levels]

    def moment(self) -> Moment:
        self.now = round(self.now + 0.1, 6)
        return Moment(self.now - 0.01, self.now)

    def _feed(self, call: Callable[..., list[WhaleEvent]], bids: Levels, asks: Levels, sight: Any) -> None:
        sides = [self.levels(bids), self.levels(asks)]
        if self.mirror:
            sides.reverse()
        self.events += call(*sides, self.price(self.mid), self.moment(), sight)

    def sync(self, bids: Levels = (), asks: Levels = ()) -> None:  # type: ignore[assignment]  # a tuple is empty
        sizes = [8.0 + 4.0 * ((7 * i) % 10) / 10 for i in range(100)]
        own = {round(MID - 0.1 * (i + 1), 6): size for i, size in enumerate(sizes)}
        other = {round(MID + 0.1 * (i + 1), 6): size for i, size in enumerate(sizes)}
        self._feed(
            self.watch.on_synced,
            list((own | dict(bids)).items()),
            list((other | dict(asks)).items()),
            ALL_IN_SIGHT,
        )

    def bid(self, price: float, size: float) -> None:
        self._feed(self.watch.on_changed, [(price, size)], [], ALL_IN_SIGHT)

    def ask(self, price: float, size: float) -> None:
        self._feed(self.watch.on_changed, [], [(price, size)], ALL_IN_SIGHT)

    def sell(self, price: float, size: float) -> None:
        moment = self.moment()
        ms = int(moment.ts * 1e3)
        trade = Trade("BTCUSDT", str(ms), self.price(price), size / self.scale, self.mirror, ms)
        self.events += self.watch.on_trade(trade, moment.known_at)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.events += self.watch.on_time(self.moment().known_at)

    def lose(self) -> None:
        self.events += self.watch.on_lost(self.moment())

    def pause(self) -> None:
        self.events += self.watch.on_paused(self.moment())

    def resume(self) -> None:
        self.events += self.watch.on_resumed(self.moment().known_at)

    @property
    def kinds(self) -> list[WhaleKind]:
        return [event.kind for event in self.events]


def test_an_ordinary_book_has_no_whales() -> None:
    market = Market()
    market.bid(999.0, 12.5)
    market.bid(999.0, 0.0)
    market.wait(5.0)
    assert market.events == []


def test_a_wall_appears_grows_shrinks_and_is_pulled() -> None:
    market = Market()
    for size in (500.0, 700.0, 720.0, 400.0, 0.0):
        market.bid(997.0, size)
    assert market.kinds == [K.WALL_APPEARED, K.WALL_GREW, K.WALL_SHRUNK]
    gone_at = market.now
    market.wait(1.0)
    appeared, grew, shrunk, pulled = market.events
    assert (pulled.kind, pulled.cause, pulled.size, pulled.side) == (K.WALL_PULLED, "untraded", 720.0, "bid")
    assert (appeared.size, grew.size, shrunk.size) == (500.0, 700.0, 400.0)
    assert appeared.distance_bps == pytest.approx(30.0)
    assert appeared.notional == 500_000.0
    assert appeared.evidence["robust_z"] > 3  # type: ignore[operator]  # a number
    assert pulled.ts == pytest.approx(gone_at - 0.01)
    assert pulled.known_at >= gone_at + LIMITS.settle
    assert pulled.evidence["age"] == pytest.approx(0.4)
    assert pulled.evidence["peak_size"] == 720.0
    assert pulled.logic_version


@pytest.mark.parametrize("late", [False, True], ids=["trades first", "depth first"])
def test_a_wall_is_consumed_if_trades_explain_it_in_whichever_order_they_come(late: bool) -> None:
    market = Market()
    market.bid(999.9, 500.0)
    if late:
        market.bid(999.9, 0.0)
    market.sell(999.9, 450.0)
    if not late:
        market.bid(999.9, 0.0)
    market.wait(2.0)
    assert K.WALL_CONSUMED in market.kinds
    assert K.WALL_PULLED not in market.kinds
    assert market.events[-1].evidence["traded"] == 450.0


def test_trades_at_other_prices_explain_nothing_and_few_trades_only_a_part() -> None:
    market = Market()
    market.bid(999.9, 500.0)
    market.sell(999.8, 500.0)
    market.sell(999.9, 150.0)
    market.bid(999.9, 0.0)
    market.wait(2.0)
    assert [event.cause for event in market.events if event.kind is K.WALL_PULLED] == ["partly_traded"]


def test_a_wall_put_back_before_it_is_judged_goes_on() -> None:
    market = Market()
    for size in (500.0, 0.0, 490.0):
        market.bid(997.0, size)
    market.wait(5.0)
    assert market.kinds == [K.WALL_APPEARED]
    market.bid(997.0, 0.0)
    market.wait(5.0)
    assert market.kinds == [K.WALL_APPEARED, K.WALL_PULLED]
    assert market.events[-1].evidence["refills"] == 1


def test_an_order_of_64900_far_away_is_no_whale_until_price_comes_near() -> None:
    market = Market(replace(LIMITS, cluster_levels=9))
    market.bid(500.0, 64_900.0)
    market.bid(500.0, 64_901.0)
    assert market.events == []
    market.lose()
    market.events.clear()
    market.sync(bids=[(500.0, 64_900.0)])
    assert market.events == []
    market.mid = 505.0
    market.bid(504.0, 1.0)
    assert [(e.kind, e.price, e.cause) for e in market.events] == [
        (K.WALL_APPEARED, 500.0, "came_into_reach")
    ]


def test_a_wall_left_behind_by_price_ends_and_wakes_when_price_returns() -> None:
    market = Market()
    market.bid(997.0, 500.0)
    for mid in (1030.0, 1000.0):
        market.mid = mid
        market.ask(1050.0, mid)
    found = [(e.kind, e.cause) for e in market.events if e.side == "bid"]
    assert found == [
        (K.WALL_APPEARED, "placed"),
        (K.WALL_ENDED, "out_of_reach"),
        (K.WALL_APPEARED, "came_into_reach"),
    ]


def test_beyond_what_is_in_sight_nothing_appears_and_nothing_ends() -> None:
    market = Market()
    near = (993.0, math.inf)
    market.bid(992.0, 500.0)
    for bids in ([(999.0, 8.0)], [(992.0, 500.0)], [(992.0, 0.0)], [(991.0, 900.0)], [(991.0, 0.0)]) * 3:
        market._feed(market.watch.on_changed, bids, [], near)
        market.wait(2.0)
    assert market.kinds == [K.WALL_APPEARED]


def test_a_wall_is_the_same_when_the_horizon_comes_back_to_it_and_ends_then_if_it_is_gone() -> None:
    market = Market()
    market.bid(992.0, 500.0)
    for size in (500.0, 480.0, 510.0, 0.0):
        market._feed(
            market.watch.on_changed, [(992.0, 0.0)], [], (993.0, math.inf)
        )  # pushed out of the window
        market.wait(2.0)
        assert market.kinds == [K.WALL_APPEARED]
        market._feed(market.watch.on_changed, [(992.0, size)], [], ALL_IN_SIGHT)
    assert [(e.kind, e.cause) for e in market.events][1:] == [(K.WALL_ENDED, "out_of_sight")]


def test_a_large_level_that_comes_into_sight_was_found_and_not_placed() -> None:
    market = Market()
    market._feed(market.watch.on_changed, [(999.0, 8.0)], [], (993.0, math.inf))
    market._feed(market.watch.on_changed, [(992.0, 500.0)], [], (991.0, math.inf))
    (found,) = market.events
    assert (found.kind, found.cause, found.evidence["at_least"]) == (K.WALL_APPEARED, "found", True)


def test_losing_sync_ends_all_walls_as_unknown_even_those_gone_a_moment_ago() -> None:
    market = Market()
    market.bid(997.0, 500.0)
    market.ask(1003.0, 500.0)
    market.bid(997.0, 0.0)
    market.lose()
    ended = [(e.kind, e.cause, e.side) for e in market.events[2:]]
    assert ended == [(K.WALL_ENDED, "unknown", "bid"), (K.WALL_ENDED, "unknown", "ask")]
    known = len(market.events)
    market.bid(996.0, 900.0)
    market.sell(996.0, 900.0)
    market.wait(9.0)
    market.lose()
    assert len(market.events) == known
    market.sync(bids=[(996.0, 900.0)])
    assert [(e.kind, e.cause) for e in market.events[known:]] == [(K.WALL_APPEARED, "found")]


def test_a_new_snapshot_without_a_loss_in_between_ends_the_walls_too() -> None:
    market = Market()
    market.bid(997.0, 500.0)
    market.sync()
    assert [(e.kind, e.cause) for e in market.events][1:] == [(K.WALL_ENDED, "unknown")]


def test_three_neighbouring_walls_are_a_cluster_until_one_goes() -> None:
    market = Market()
    for price in (997.0, 996.6, 996.8, 990.0):
        market.bid(price, 500.0)
    formed = [e for e in market.events if e.kind is K.CLUSTER_FORMED]
    assert [(e.price, e.size, e.evidence["lowest"], e.evidence["highest"]) for e in formed] == [
        (996.8, 1500.0, 996.6, 997.0)
    ]
    market.bid(990.0, 0.0)
    market.wait(2.0)
    assert K.CLUSTER_DISSOLVED not in market.kinds
    market.bid(996.8, 0.0)
    market.wait(2.0)
    assert market.kinds[-2:] == [K.CLUSTER_DISSOLVED, K.WALL_PULLED]


def test_a_wall_pulled_as_price_comes_is_a_suspected_spoof() -> None:
    market = Market()
    market.bid(998.0, 500.0)
    market.mid = 999.0
    market.ask(1010.0, 9.5)
    market.bid(998.0, 20.0)
    market.wait(2.0)
    assert market.kinds == [K.WALL_APPEARED, K.WALL_PULLED, K.SUSPECTED_SPOOF]
    assert market.events[-1].evidence["gone_distance_bps"] == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize("case", ["price stayed", "far", "traded", "not large enough"])
def test_no_spoof_is_suspected_of(case: str) -> None:
    market = Market()
    price, size = (990.0 if case == "far" else 998.0), (105.0 if case == "not large enough" else 500.0)
    if case == "not large enough":
        market = Market(replace(LIMITS, spoof_median_ratio=20.0))
    market.bid(price, size)
    market.mid = MID if case == "price stayed" else 999.0 if case != "far" else 993.0
    market.ask(1010.0, 9.5)
    if case == "traded":
        market.sell(price, 400.0)
    market.bid(price, 0.0)
    market.wait(2.0)
    assert K.WALL_APPEARED in market.kinds
    assert K.SUSPECTED_SPOOF not in market.kinds


def refilled(market: Market, times: int, pause: float = 0.0) -> None:
    """A level of 40 is sold into by 40 and shown again, so many times."""
    market.bid(999.9, 40.0)
    for _ in range(times):
        market.sell(999.9, 40.0)
        market.bid(999.9, 0.0)
        market.now += pause
        market.bid(999.9, 40.0)


def test_a_price_that_trades_thrice_what_it_shows_and_is_refilled_is_a_suspected_iceberg() -> None:
    market = Market()
    refilled(market, 6)
    found = [e for e in market.events if e.kind is K.SUSPECTED_ICEBERG]
    assert [(e.size, e.side, e.evidence["most_shown"], e.evidence["refills"]) for e in found] == [
        (120.0, "bid", 40.0, 3)
    ]


def test_too_few_or_too_late_refills_are_no_iceberg() -> None:
    few, late = Market(), Market()
    refilled(few, 2)
    refilled(late, 6, pause=1.5)
    assert K.SUSPECTED_ICEBERG not in few.kinds + late.kinds


def test_a_large_trade_is_one_beside_the_trades_before_it() -> None:
    market = Market()
    for i in range(120):
        market.sell(999.9, 100.0 + i % 10)
    assert K.LARGE_TRADE not in market.kinds
    market.sell(999.9, 3000.0)
    (found,) = [e for e in market.events if e.kind is K.LARGE_TRADE]
    assert (found.side, found.size, found.notional) == ("ask", 3000.0, 3_000_000.0)
    market.sell(999.9, 0.0)


def test_below_the_floor_and_with_too_little_known_nothing_is_large() -> None:
    poor = Market(replace(LIMITS, floor=1e9))
    new = Market(replace(LIMITS, least_samples=500))
    for market in (poor, new):
        market.bid(997.0, 500.0)
    assert poor.events + new.events == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["bid", "bid", "ask", "sell", "move", "lose", "pause", "pause", "resume", "sync", "wait"]
        ),
        st.integers(1, 12),
        st.sampled_from([0.0, 9.0, 60.0, 300.0, 500.0, 2000.0]),
    ),
    max_size=40,
)


def play(market: Market, steps: list[tuple[str, int, float]]) -> list[int]:
    """Feed steps; returns how many events there were after each."""
    counts = []
    for name, ticks, size in steps:
        if name == "bid":
            market.bid(round(MID - 0.5 * ticks, 6), size)
        elif name == "ask":
            market.ask(round(MID + 0.5 * ticks, 6), size)
        elif name == "sell":
            market.sell(round(MID - 0.5 * ticks, 6), size)
        elif name == "move":
            market.mid = MID + 4.0 * (ticks - 6)
        elif name in ("lose", "pause", "resume"):
            getattr(market, name)()
        elif name == "sync":
            market.sync()
        else:
            market.wait(ticks / 4)
        counts.append(len(market.events))
    return counts


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_shorter_stream_gives_the_first_of_the_events_and_none_is_known_early(steps: Any) -> None:
    whole, part = Market(), Market()
    counts = play(whole, steps)
    half = len(steps) // 2
    play(part, steps[:half])
    assert part.events == whole.events[: counts[half - 1] if half else 0]
    known = [event.known_at for event in whole.events]
    assert known == sorted(known)
    assert all(event.ts <= event.known_at for event in whole.events)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_wall_that_appears_ends_once_at_most_and_all_do_when_the_book_is_lost(steps: Any) -> None:
    market = Market()
    play(market, steps)
    market.lose()
    open_walls: set[tuple[str, float]] = set()
    for event in market.events:
        wall = (event.side, event.price)
        if event.kind is K.WALL_APPEARED:
            assert wall not in open_walls
            open_walls.add(wall)
        elif event.kind in (K.WALL_CONSUMED, K.WALL_PULLED, K.WALL_ENDED):
            open_walls.remove(wall)
        elif event.kind in (K.WALL_GREW, K.WALL_SHRUNK):
            assert wall in open_walls
    assert not open_walls


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_the_mirrored_book_gives_the_mirrored_events(steps: Any) -> None:
    plain, mirrored = Market(), Market(mirror=True)
    steps = [
        step for step in steps if step[0] != "move"
    ]  # bps of another mid are not mirrored by subtraction
    play(plain, steps)
    play(mirrored, steps)

    def seen(market: Market) -> list[tuple[Any, ...]]:
        flip = {"bid": "ask", "ask": "bid"} if market.mirror else {"bid": "bid", "ask": "ask"}
        found = [
            (
                e.known_at,
                e.kind,
                flip[e.side],
                market.price(e.price),
                e.size,
                round(e.distance_bps, 6),
                e.cause,
            )
            for e in market.events
        ]
        return sorted(found)

    assert seen(plain) == seen(mirrored)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_prices_times_and_sizes_over_a_factor_give_the_same_events(steps: Any) -> None:
    small, large = Market(scale=2.0**-10), Market(scale=2.0**12)
    play(small, steps)
    play(large, steps)
    assert [(e.kind, e.known_at, e.price * 2.0**22, e.notional, e.distance_bps) for e in small.events] == [
        (e.kind, e.known_at, e.price, e.notional, e.distance_bps) for e in large.events
    ]


@given(st.lists(st.floats(1.0, 1e9), min_size=200, max_size=300))
@settings(max_examples=30, deadline=None)
def test_what_is_usual_is_the_median_and_the_quantile_to_a_bin(notionals: list[float]) -> None:
    usual = Usual(WhaleThresholds(quantile=0.9))
    for notional in notionals:
        usual.add(notional, 0.0)
    usual.is_large(1e9, 0.0)
    ordered = sorted(notionals)
    n = len(ordered)
    assert ordered[(n - 1) // 2] * 0.95 <= usual.median_notional <= ordered[n // 2] * 1.06
    top = ordered[math.ceil(0.9 * n - 1e-9) - 1]
    assert top * 0.94 <= math.exp(usual.cut) <= top * 1.0001


def test_what_was_usual_long_ago_fades() -> None:
    usual = Usual(WhaleThresholds(memory=10.0))
    for i in range(100):
        usual.add(1e6, float(i) / 100)
    for i in range(100):
        usual.add(1e3, 500.0 + i / 100)
    usual.is_large(1e9, 501.0)
    assert usual.median_notional == pytest.approx(1e3, rel=0.05)
    assert math.exp(usual.cut) == pytest.approx(1e3, rel=0.05)


def test_sizes_beyond_sight_are_forgotten_worst_first() -> None:
    for side, sign in ((0, 1.0), (1, -1.0)):
        sizes = RestingSizes(side)
        prices = [10.0 + sign * step for step in (0.0, -1.0, -2.0)]
        assert list(sizes.change([(price, 1.0) for price in prices])) == [(p, 0.0, 1.0) for p in prices]
        assert list(sizes.change([(prices[0], 1.0), (99.0, 0.0)])) == []
        assert list(sizes.forget_beyond(prices[0])) == [(prices[2], 1.0), (prices[1], 1.0)]
        assert [sizes.at(price) for price in prices] == [1.0, 0.0, 0.0]


def test_thresholds_are_overridden_by_symbol_and_nonsense_is_refused() -> None:
    chosen = Thresholds(overrides={"BTCUSDT": {"whales": {"floor": 1e6}}})
    assert chosen.of("BTCUSDT").whales == WhaleThresholds(floor=1e6)
    assert chosen.of("ETHUSDT") == SymbolThresholds()
    for wrong, why in (
        ({"whale": {}}, "BTCUSDT: no thresholds named 'whale'"),
        ({"whales": {"flor": 1.0}}, "BTCUSDT: no whales thresholds \\['flor'\\]"),
        ({"whales": {"quantile": 1.5}}, "BTCUSDT: wanted shares between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=why):
            Thresholds(overrides={"BTCUSDT": wrong})
