"""Live candles: closed by the venue's word or built from whole minutes of trades, everything else overdue."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_assets.candles.closing import CandleCloser, CandleValues, ClosedCandle, FormingCandle
from alphapulse_assets.candles.missing_minutes import LONGEST, REPEATS
from alphapulse_assets.candles.venue_clock import OLDEST, WINDOW, VenueClock
from alphapulse_resources.streams.messages import Candle, Trade

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T0 = 1_700_000_040  # a whole minute, seconds
LATENCY = 0.05


def ts(minute: int) -> datetime:
    return EPOCH + timedelta(seconds=T0 + 60 * minute)


def told(minute: int, second: float, *, closed: bool = False, **values: Any) -> Candle:
    """A venue's candle of a minute, told at that second after T0."""
    prices = {"open": 10.0, "high": 12.0, "low": 9.0, "close": 11.0, "volume": 5.0} | values
    opened, venue_ms = (T0 + 60 * minute) * 1000, round((T0 + second) * 1000)
    return Candle("X", opened, **prices, closed=closed, venue_ms=venue_ms)


def hear(closer: CandleCloser, *candles: Candle) -> list[ClosedCandle]:
    return [
        closed for candle in candles for closed in closer.on_candle(candle, candle.venue_ms / 1000 + LATENCY)
    ]


def trade(second: float, price: float = 10.0, size: float = 1.0, number: str | None = None) -> Trade:
    venue_ms = round((T0 + second) * 1000)
    return Trade("X", number or f"{second}", price, size, True, venue_ms)


def trading(*, from_second: float = -10.0) -> CandleCloser:
    """A closer that hears trades from some second on; the minute before T0 is nobody's concern."""
    closer = CandleCloser("X", from_trades=True)
    closer.begin(T0 + from_second)
    closer.filled(ts(-1))
    return closer


def feed(closer: CandleCloser, trades: Iterable[Trade]) -> list[ClosedCandle]:
    return [closed for item in trades for closed in closer.on_trade(item, item.venue_ms / 1000 + LATENCY)]


def values(candle: CandleValues) -> tuple[float, ...]:
    return candle.open, candle.high, candle.low, candle.close, candle.volume


# candles of the venue ------------------------------------------------------------------------------------


def test_a_candle_is_closed_by_the_venues_flag() -> None:
    closer = CandleCloser("X")
    assert hear(closer, told(0, 30), told(0, 59, close=9.5)) == []
    (closed,) = hear(closer, told(0, 60.01, closed=True))
    assert (closed.ts, values(closed)) == (ts(0), (10.0, 12.0, 9.0, 11.0, 5.0))
    assert closed.venue_ms == (T0 + 60) * 1000 + 10
    assert closed.received_at == pytest.approx(T0 + 60.01 + LATENCY)
    assert closer.overdue(T0 + 90) == []


def test_a_candle_whose_flag_never_came_is_not_final_but_overdue() -> None:
    closer = CandleCloser("X")
    assert hear(closer, told(0, 59.9), told(1, 60.4), told(1, 61)) == []
    assert closer.overdue(T0 + 61.9) == []
    assert closer.overdue(T0 + 62.1) == [ts(0)]


def test_the_forming_candle_is_the_newest_told_and_none_once_it_is_closed() -> None:
    closer = CandleCloser("X")
    assert closer.forming is None
    hear(closer, told(0, 30), told(0, 31, close=10.5), told(0, 30.5, close=9.2))
    assert isinstance(closer.forming, FormingCandle)
    assert closer.forming.close == 10.5
    hear(closer, told(0, 60, closed=True), told(0, 59.5))
    assert closer.forming is None
    hear(closer, told(1, 61))
    assert closer.forming is not None
    assert closer.forming.ts == ts(1)


def test_two_connections_close_a_candle_once_and_a_correction_comes_again() -> None:
    closer = CandleCloser("X")
    assert len(hear(closer, told(0, 60, closed=True), told(0, 60, closed=True))) == 1
    (corrected,) = hear(closer, told(0, 61, closed=True, volume=6.0))
    assert corrected.volume == 6.0
    assert hear(closer, told(0, 60, closed=True)) == []  # what the slower connection still says


@pytest.mark.parametrize(
    "impossible",
    [{"high": 10.5}, {"low": 10.5}, {"low": 0.0}, {"volume": -1.0}, {"close": float("nan")},
     {"volume": float("inf")}],
    ids=str,
)  # fmt: skip
def test_an_impossible_candle_is_refused_and_asked_of_rest(impossible: dict[str, float]) -> None:
    closer = CandleCloser("X")
    closed = hear(closer, told(0, 60, closed=True), told(1, 120, closed=True, **impossible))
    assert [candle.ts for candle in closed] == [ts(0)]
    assert closer.refused == 1
    assert closer.overdue(T0 + 122.1) == [ts(1)]


def test_minutes_that_never_came_are_overdue_and_those_before_the_subscription_are_not() -> None:
    closer = CandleCloser("X")
    assert closer.overdue(T0 + 600) == []
    closer.begin(T0 + 30)
    hear(closer, told(1, 120, closed=True))
    assert closer.overdue(T0 + 182.2) == [ts(0), ts(2)]


def test_an_overdue_minute_is_told_again_after_a_while_and_then_left_to_the_batch() -> None:
    closer = CandleCloser("X")
    closer.begin(T0)
    now, heard = T0 + 62.0, []
    for wait in (0.0, *REPEATS):
        now += wait
        heard.append(ts(0) in closer.overdue(now))
        heard.append(ts(0) in closer.overdue(now + 1))
    assert heard == [True, False] * (1 + len(REPEATS))
    assert ts(0) not in closer.overdue(now + 3600)


def test_a_minute_that_was_filled_or_came_late_is_not_told_again() -> None:
    closer = CandleCloser("X")
    closer.begin(T0)
    assert closer.overdue(T0 + 123) == [ts(0), ts(1)]
    closer.filled(ts(0))
    hear(closer, told(1, 125, closed=True))
    assert closer.overdue(T0 + 160) == []


def test_a_minute_filled_before_it_was_missed_is_never_told() -> None:
    closer = CandleCloser("X")
    closer.begin(T0)
    closer.filled(ts(0))
    assert closer.overdue(T0 + 70) == []


def test_after_a_long_sleep_only_the_latest_minutes_are_told() -> None:
    closer = CandleCloser("X")
    closer.begin(T0)
    missed = closer.overdue(T0 + 86400 + 3)
    assert len(missed) == LONGEST
    assert missed[-1] == ts(1439)


@pytest.mark.parametrize("skew", [-20.0, 20.0])
def test_patience_is_counted_by_the_venues_clock(skew: float) -> None:
    closer = CandleCloser("X")
    closer.on_candle(told(0, 30), T0 + 30 + skew)
    assert closer.overdue(T0 + 61.9 + skew) == []
    assert closer.overdue(T0 + 62.1 + skew) == [ts(0)]


# candles of trades ---------------------------------------------------------------------------------------


def test_a_minute_of_trades_closes_a_grace_after_its_end() -> None:
    closer = trading()
    assert feed(closer, [trade(1, 10), trade(20, 12), trade(40, 9), trade(59, 11, 0.5)]) == []
    assert closer.on_time(T0 + 60.25) == []
    (closed,) = closer.on_time(T0 + 60.31)
    assert (closed.ts, values(closed)) == (ts(0), (10.0, 12.0, 9.0, 11.0, 3.5))
    assert (closed.quote_volume, closed.trades, closed.taker_buy_volume) == (None, None, None)
    assert closer.on_time(T0 + 60.6) == []
    assert closer.overdue(T0 + 70) == []


def test_a_late_trade_corrects_its_minute_and_a_repeated_one_does_not() -> None:
    closer = trading()
    feed(closer, [trade(1, 10), trade(58, 11)])
    closer.on_time(T0 + 61)
    assert closer.on_trade(trade(58, 11), T0 + 61.5) == []
    (corrected,) = closer.on_trade(trade(59, 13), T0 + 62)
    assert values(corrected) == (10.0, 13.0, 10.0, 13.0, 3.0)
    (again,) = closer.on_trade(trade(30, 8), T0 + 63)  # from the middle: the close stays
    assert values(again) == (10.0, 13.0, 8.0, 13.0, 4.0)


def test_the_first_minute_is_not_whole_so_rest_has_to_tell() -> None:
    closer = trading(from_second=20)
    feed(closer, [trade(30), trade(61)])
    assert closer.forming is not None
    assert closer.forming.ts == ts(1)
    assert closer.on_time(T0 + 62.5) == []
    assert closer.overdue(T0 + 62.5) == [ts(0)]
    assert [closed.ts for closed in closer.on_time(T0 + 121)] == [ts(1)]


def test_without_a_beginning_the_first_trade_is_it() -> None:
    closer = CandleCloser("X", from_trades=True)
    feed(closer, [trade(-100), trade(-90)])
    assert closer.on_time(T0 - 55) == []
    feed(closer, [trade(-50)])
    assert [closed.ts for closed in closer.on_time(T0 + 1)] == [ts(-1)]
    assert closer.overdue(T0 + 3) == [ts(-2)]


def test_an_unwhole_forming_minute_is_not_shown() -> None:
    closer = trading(from_second=20)
    feed(closer, [trade(30)])
    assert closer.forming is None


def test_a_minute_with_a_hole_is_overdue_and_the_next_one_is_whole_again() -> None:
    closer = trading()
    feed(closer, [trade(10), trade(30)])
    closer.on_gap(T0 + 40)
    feed(closer, [trade(50), trade(70)])
    assert closer.on_time(T0 + 61) == []
    assert closer.overdue(T0 + 63) == [ts(0)]
    assert [closed.ts for closed in closer.on_time(T0 + 121)] == [ts(1)]


def test_a_reconnect_spoils_every_minute_it_touches() -> None:
    closer = trading()
    feed(closer, [trade(10), trade(55)])
    closer.on_gap(T0 + 58)
    closer.begin(T0 + 70)
    feed(closer, [trade(80), trade(130)])
    assert closer.on_time(T0 + 122) == []
    assert closer.overdue(T0 + 123) == [ts(0), ts(1)]
    assert [closed.ts for closed in closer.on_time(T0 + 181)] == [ts(2)]


def test_a_minute_closed_during_a_silence_that_turns_out_to_be_a_hole_is_asked_of_rest() -> None:
    closer = trading()
    feed(closer, [trade(10), trade(55)])
    assert len(closer.on_time(T0 + 60.5)) == 1  # nobody knows yet that the connection hangs since :56
    closer.on_gap(T0 + 70, since=T0 + 56)
    assert closer.overdue(T0 + 71) == [ts(0)]


def test_after_a_hole_a_late_trade_makes_no_candle_but_a_question() -> None:
    closer = trading()
    feed(closer, [trade(10), trade(55)])
    closer.on_time(T0 + 60.5)
    closer.on_gap(T0 + 61, since=T0 + 60.7)
    assert closer.overdue(T0 + 63) == []
    assert closer.on_trade(trade(59), T0 + 63) == []
    assert closer.overdue(T0 + 63.1) == [ts(0)]


def test_a_hole_after_a_minute_leaves_it_as_it_is() -> None:
    closer = trading()
    feed(closer, [trade(10), trade(55)])
    closer.on_time(T0 + 60.5)
    closer.on_gap(T0 + 80, since=T0 + 75)
    assert closer.overdue(T0 + 81) == []


def test_where_the_venues_clock_is_heard_silence_closes_nothing() -> None:
    closer = trading()
    feed(closer, [trade(55)])
    assert closer.on_time(T0 + 70, heard_ms=(T0 + 56) * 1000) == []
    assert [closed.ts for closed in closer.on_time(T0 + 70.1, heard_ms=(T0 + 61) * 1000)] == [ts(0)]


def test_a_quiet_minute_has_no_candle_and_is_asked_for_once() -> None:
    closer = CandleCloser("X", from_trades=True)
    closer.begin(T0 - 30)
    feed(closer, [trade(-20), trade(130)])
    closer.on_time(T0 + 125)
    assert closer.overdue(T0 + 125) == [ts(-1), ts(0), ts(1)]
    assert closer.overdue(T0 + 125 + REPEATS[0]) == [ts(-1)]  # partial, not quiet: asked again


@pytest.mark.parametrize("skew", [-3.0, 5.0])
def test_a_clock_that_is_wrong_closes_no_minute_early(skew: float) -> None:
    closer = CandleCloser("X", from_trades=True)
    closer.begin(T0 - 10 + skew)
    for item in (trade(1), trade(30)):
        closer.on_trade(item, item.venue_ms / 1000 + LATENCY + skew)
    assert closer.on_time(T0 + 60.25 + skew) == []
    assert len(closer.on_time(T0 + 60.31 + skew)) == 1


def test_volume_is_summed_as_decimals() -> None:
    closer = trading()
    feed(closer, [trade(second, 10, 0.1) for second in range(1, 4)])
    (closed,) = closer.on_time(T0 + 61)
    assert closed.volume == 0.3


def test_trades_of_long_ago_are_left_to_the_batch() -> None:
    closer = trading(from_second=-1000)
    feed(closer, [trade(600)])
    assert feed(closer, [trade(1)]) == []
    assert [closed.ts for closed in closer.on_time(T0 + 700)] == [ts(10)]


TRADES = st.lists(
    st.tuples(
        st.integers(0, 299_999),  # ms after T0
        st.integers(1, 10_000).map(lambda ticks: ticks / 100),
        st.integers(1, 10**8).map(lambda lots: lots / 10**6),
        st.integers(0, 350),  # ms on the way
    ),
    max_size=60,
)


def aggregated(trades: list[Trade]) -> dict[datetime, tuple[float, ...]]:
    """Plain aggregation by the venue's time; of one millisecond in the order of receipt."""
    minutes: dict[datetime, list[Trade]] = {}
    for item in sorted(trades, key=lambda item: item.venue_ms):
        minutes.setdefault(ts((item.venue_ms - T0 * 1000) // 60_000), []).append(item)
    return {
        minute: (
            rows[0].price,
            max(row.price for row in rows),
            min(row.price for row in rows),
            rows[-1].price,
            float(sum(Decimal(str(row.size)) for row in rows)),
        )
        for minute, rows in minutes.items()
    }


@given(raw=TRADES, ticks=st.lists(st.floats(0, 320), max_size=60), twice=st.sets(st.integers(0, 59)))
def test_the_last_word_on_every_minute_equals_a_plain_aggregation(
    raw: list[tuple[int, float, float, int]], ticks: list[float], twice: set[int]
) -> None:
    """In whatever order trades come, when time passes, and whether some come by two connections."""
    made = [
        (Trade("X", str(number), price, size, True, T0 * 1000 + ms), T0 + (ms + way) / 1000)
        for number, (ms, price, size, way) in enumerate(raw)
    ]
    made.sort(key=lambda item: item[1])
    closer, stored = trading(), {}
    moments: list[tuple[float, Trade | None]] = [(at, item) for item, at in made]
    moments += [(at + 0.2, item) for number, (item, at) in enumerate(made) if number in twice]
    moments += [(T0 + second, None) for second in ticks]
    for at, item in sorted(moments, key=lambda moment: moment[0]):
        for closed in closer.on_trade(item, at) if item else closer.on_time(at):
            assert closed.ts + timedelta(minutes=1) <= EPOCH + timedelta(seconds=at)  # no look-ahead
            stored[closed.ts] = closed
        if closer.forming is not None:
            assert closer.forming.ts not in stored
    for closed in closer.on_time(T0 + 400):
        stored[closed.ts] = closed
    assert {minute: values(candle) for minute, candle in stored.items()} == aggregated(
        [item for item, _ in made]
    )


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 59.9), st.booleans(), st.integers(1, 9)), max_size=40)
)
def test_every_minute_is_closed_by_its_flag_or_overdue_never_both_nor_neither(
    updates: list[tuple[int, float, bool, int]],
) -> None:
    closer = CandleCloser("X")
    closer.begin(T0)
    flagged, closed = set(), set()
    for minute, second, done, volume in sorted(updates, key=lambda item: (item[0], item[2], item[1])):
        candle = told(minute, 60 * (minute + done) + (0 if done else second), closed=done, volume=volume)
        flagged |= {ts(minute)} if done else set()
        closed |= {found.ts for found in hear(closer, candle)}
    assert closed == flagged
    assert set(closer.overdue(T0 + 363)) == {ts(minute) for minute in range(6)} - closed


# the venue's clock ---------------------------------------------------------------------------------------


def test_the_venues_clock_is_ours_less_the_shortest_lag_of_late() -> None:
    clock = VenueClock()
    assert clock.ms(1000.0) == 1_000_000
    clock.heard(1_000_000, 1000.3)
    clock.heard(1_001_000, 1001.1)
    assert clock.ms(1002.0) == pytest.approx(1_001_900)


def test_lists_of_old_trades_say_nothing_about_the_clock() -> None:
    clock = VenueClock()
    clock.heard(1_000_000, 1000 + OLDEST + 1)
    assert clock.ms(2000.0) == 2_000_000


def test_a_clock_that_was_set_is_believed_after_two_windows() -> None:
    clock = VenueClock()
    clock.heard(1_000_000, 1000.0)
    for second in range(0, round(2 * WINDOW) + 1, 10):
        clock.heard(1_010_000 + second * 1000, 1012.0 + second)
    assert clock.ms(2000.0) == pytest.approx(1_998_000)
