"""Trade flow by second: what a plain aggregation gives, and honesty about what was not heard."""

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.session.trade_seconds import TradeSecond, TradeSeconds
from alphapulse_resources.streams.messages import Trade


def trade(number: int, at: float, price: float = 10.0, size: float = 1.0, *, buyer: bool = True) -> Trade:
    return Trade("X", str(number), price, size, buyer, round(at * 1000))


def told(seconds: TradeSeconds, trades: Sequence[Trade], until: float = 1e9) -> dict[int, TradeSecond]:
    """The latest telling of each second, looked at after every trade and at the end."""
    found: dict[int, TradeSecond] = {}
    for one in trades:
        seconds.on_trade(one, one.venue_ms / 1e3 + 0.02)
        found |= {second.start: second for second in seconds.on_time(one.venue_ms / 1e3 + 0.02)}
    return found | {second.start: second for second in seconds.on_time(until)}


def test_a_second_is_told_a_grace_after_its_end_and_not_before() -> None:
    seconds = TradeSeconds(runs_on=True)
    for number, at in enumerate((99.5, 100.1, 100.9)):
        seconds.on_trade(trade(number, at), at)
    assert [second.start for second in seconds.on_time(100.9)] == [99]
    assert [second.start for second in seconds.on_time(101.49)] == []
    assert [second.start for second in seconds.on_time(101.5)] == [100]
    assert seconds.on_time(200.0) == []


def test_volumes_are_by_the_takers_side_and_prices_in_order() -> None:
    trades = [trade(1, 99.0), trade(2, 100.0, 11.0, 2.0), trade(3, 100.5, 9.0, 3.0, buyer=False)]
    second = told(TradeSeconds(runs_on=True), [*trades, trade(4, 100.9, 10.0, 1.0)])[100]
    assert (second.buy_volume, second.sell_volume) == (3.0, 3.0)
    assert (second.buy_value, second.sell_value) == (32.0, 27.0)
    assert (second.open, second.high, second.low, second.close) == (11.0, 11.0, 9.0, 10.0)
    assert (second.first_trade, second.last_trade, second.trades) == ("2", "4", 3)
    assert (second.missing, second.complete) == (0, True)


def test_the_first_second_of_an_observation_is_not_complete() -> None:
    found = told(TradeSeconds(runs_on=False), [trade(1, 100.2), trade(2, 101.2)])
    assert [(s.start, s.complete, s.missing) for s in found.values()] == [
        (100, False, None),
        (101, True, None),
    ]


def test_a_late_trade_makes_its_second_be_told_again() -> None:
    seconds = TradeSeconds(runs_on=False)
    told(seconds, [trade(1, 99.0), trade(2, 100.0), trade(3, 103.0)], until=103.0)
    assert seconds.on_trade(trade(4, 100.7, 12.0), 103.1)
    (again,) = seconds.on_time(103.1)
    assert (again.start, again.trades, again.close, again.received_at) == (100, 2, 12.0, 103.1)
    assert not seconds.on_trade(trade(5, 97.0), 103.2)
    assert (seconds.counted, seconds.old) == (4, 1)


def test_a_trade_that_comes_twice_counts_once() -> None:
    seconds = TradeSeconds(runs_on=True)
    twice = [trade(1, 99.0), trade(2, 100.0), trade(2, 100.0), trade(1, 99.0)]
    found = told(seconds, twice)
    assert {start: second.trades for start, second in found.items()} == {99: 1, 100: 1}
    assert (seconds.counted, seconds.repeated) == (2, 2)


def test_ids_that_are_missing_are_counted_inside_and_seen_between_seconds() -> None:
    inside = told(TradeSeconds(runs_on=True), [trade(1, 99.0), trade(2, 100.0), trade(5, 100.5)])
    assert (inside[100].missing, inside[100].complete) == (2, False)
    between = told(
        TradeSeconds(runs_on=True), [trade(1, 99.0), trade(2, 100.0), trade(7, 102.0), trade(8, 103.0)]
    )
    assert {start: (s.missing, s.complete) for start, s in between.items()} == {
        99: (0, False),
        100: (0, False),
        102: (0, False),
        103: (0, True),
    }


def test_a_hole_makes_the_seconds_on_both_sides_incomplete_even_one_that_was_told() -> None:
    seconds = TradeSeconds(runs_on=False)
    before = told(seconds, [trade(1, 99.0), trade(2, 100.5)], until=110.0)
    assert before[100].complete
    seconds.on_hole()
    (again,) = seconds.on_time(110.0)
    assert (again.start, again.complete) == (100, False)
    after = told(seconds, [trade(3, 120.5), trade(4, 121.0)], until=130.0)
    assert {start: s.complete for start, s in after.items()} == {120: False, 121: True}


@pytest.mark.parametrize(("at", "complete"), [(100.9, False), (101.4, False), (101.5, True), (300.0, True)])
def test_at_the_end_what_is_open_is_told_and_is_complete_if_it_is_over(at: float, complete: bool) -> None:
    seconds = TradeSeconds(runs_on=True)
    seconds.on_trade(trade(1, 99.9), 99.9)
    seconds.on_trade(trade(2, 100.5), 100.5)
    assert [(s.start, s.complete) for s in seconds.stop(at)] == [(99, False), (100, complete)]


TRADES = st.lists(
    st.tuples(st.integers(0, 700), st.integers(1, 9), st.integers(0, 5), st.booleans()), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(TRADES, st.data())
def test_it_is_the_plain_aggregation_whenever_it_is_looked_at(
    steps: list[tuple[int, int, int, bool]], data: st.DataObject
) -> None:
    clock, trades = 100_000, []
    for number, (step, price, size, buyer) in enumerate(steps):
        clock += step
        trades.append(Trade("X", str(number), float(price), float(size), buyer, clock))
    expected: defaultdict[int, list[Trade]] = defaultdict(list)
    for one in trades:
        expected[one.venue_ms // 1000].append(one)
    seconds, found = TradeSeconds(runs_on=True), dict[int, TradeSecond]()
    for one in trades:
        assert seconds.on_trade(one, one.venue_ms / 1e3)
        if data.draw(st.booleans()):
            found |= {s.start: s for s in seconds.on_time(one.venue_ms / 1e3)}
    found |= {s.start: s for s in seconds.on_time(clock / 1e3 + 2.0)}
    assert sorted(found) == sorted(expected)
    for start, group in expected.items():
        second = found[start]
        assert second.trades == len(group)
        assert second.buy_volume == sum(t.size for t in group if t.buyer_aggressed)
        assert second.sell_value == sum(t.size * t.price for t in group if not t.buyer_aggressed)
        assert (second.open, second.close) == (group[0].price, group[-1].price)
        assert (second.high, second.low) == (max(t.price for t in group), min(t.price for t in group))
        assert (second.first_trade, second.last_trade) == (group[0].trade_id, group[-1].trade_id)
        assert second.complete is (start != trades[0].venue_ms // 1000)
        assert second.received_at == group[-1].venue_ms / 1e3
