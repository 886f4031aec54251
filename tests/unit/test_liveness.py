"""Trades and candles that are not heard, a fault in one symbol, depth that comes late: what is said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alphapulse_assets.candles.closing import CandleValues
from alphapulse_assets.order_book.session import symbol_session as followed_module
from alphapulse_assets.order_book.session.liveness import (
    CANDLE_SECONDS,
    SETTLE_SECONDS,
    UNHEARD_SECONDS,
    Liveness,
)
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.tables import ORDER_BOOK_EVENTS, TRADES_1S, VENUE_CLOCKS
from tests.unit.market_session_support import (
    START,
    Heard,
    binance_depth,
    binance_kline,
    binance_trade,
    coinbase,
    synced,
)

MINUTE = START - START % 60 + 60  # the first whole minute


def kline(at: float, volume: float, *, closed: bool = False) -> bytes:
    opened = at - at % 60 - (60 if closed else 0)
    return binance_kline("X", opened, at, (100.0, 101.0, 99.0, 100.5, volume), closed=closed)


def market(heard: Heard, start: float, seconds: int, *, trades: bool = True, candles: bool = True) -> float:
    """One trade of size 1 each second, candles each two, depth each: all or some of it; when it ends."""
    for n in range(seconds):
        at = start + n
        into = at % 60
        if trades:
            heard.session.received("one", binance_trade("X", round(at), at, 100.0, 1.0), at)
        if candles and n % 2:
            heard.session.received("one", kline(at + 0.1, into + 1.0), at + 0.1)
        if candles and into == 59:
            heard.session.received("one", kline(at + 1.05, 60.0, closed=True), at + 1.05)
        heard.session.tick(at + 0.5)
    return start + seconds


def causes(heard: Heard) -> list[str]:
    return [cause for cause in heard.causes(ORDER_BOOK_EVENTS) if "trades" in cause or "candles" in cause]


def told(heard: Heard) -> list[tuple[str, str]]:
    kinds = ("trades_silent", "candles_silent")
    return [(each.kind.value, each.reference) for each in heard.alerts if each.kind.value in kinds]


def test_a_market_of_which_everything_is_heard_gives_no_word() -> None:
    heard = synced()
    market(heard, MINUTE, 240)
    assert (causes(heard), told(heard), heard.session.dead(MINUTE + 240)) == ([], [], [])


def test_trades_that_only_candles_show_are_an_event_an_alert_and_a_renewal_and_walls_learn_of_it() -> None:
    heard = synced()
    at = market(heard, MINUTE, 60)
    at = market(heard, at, 40, trades=False)
    analytics = heard.session._followed["X"]._analytics
    assert (causes(heard), told(heard)) == (["trades_silent"], [("trades_silent", "")])
    (event,) = [row for row in heard.rows(ORDER_BOOK_EVENTS) if row["cause"] == "trades_silent"]
    assert UNHEARD_SECONDS <= event["ts"].timestamp() - (MINUTE + 60) <= UNHEARD_SECONDS + 6
    assert not analytics._whales._trades.known
    assert heard.session.dead(at) == [Subscription("X", Channel.TRADES)]
    assert heard.session.dead(at + 1) == []  # not before its back-off
    market(heard, at, 30)
    assert analytics._whales._trades.known
    assert causes(heard)[-1] == "trades_heard"
    assert told(heard)[-1] == ("trades_silent", "resolved")


def test_candles_that_do_not_come_while_there_are_trades_are_told() -> None:
    heard = synced()
    at = market(heard, MINUTE, 60)
    at = market(heard, at, round(CANDLE_SECONDS) + 5, candles=False)
    assert (causes(heard), told(heard)) == (["candles_silent"], [("candles_silent", "")])
    assert heard.session.dead(at) == [Subscription("X", Channel.CANDLES)]
    market(heard, at, 5)
    assert causes(heard)[-1] == "candles_heard"


def test_a_quiet_market_is_not_taken_for_a_dead_one() -> None:
    heard = synced()
    at = market(heard, MINUTE, 60)
    for _ in range(600):
        at += 1.0
        if at % 60 < 1:  # the candle of a minute without trades
            heard.session.received("one", kline(at + 0.1, 0.0, closed=True), at + 0.1)
        heard.session.tick(at)
    assert causes(heard) == []
    market(heard, at - at % 60 + 60, 120)  # and then one with trades again, candles a moment before them
    assert causes(heard) == []


def filled(minute: float, volume: float, trades: int | None = None) -> CandleValues:
    ts = datetime.fromtimestamp(minute, UTC)
    return CandleValues(ts, 1.0, 1.0, 1.0, 1.0, volume, None, trades, None, None, minute + 63.0)


@pytest.mark.parametrize("venue", ["coinbase", "binance"])
def test_trades_that_never_came_are_known_by_the_candle_over_rest(venue: str) -> None:
    heard = Heard(venue)
    heard.session.track("X", 7, START)
    heard.session.filled("X", [filled(MINUTE, 12.5, 9)])
    heard.session.tick(MINUTE + 63.0 + SETTLE_SECONDS)
    silent = ["trades_silent"] if venue == "coinbase" else ["candles_silent", "trades_silent"]
    late = MINUTE + 63.0 - START > CANDLE_SECONDS
    assert sorted(causes(heard)) == (silent if late else ["trades_silent"])
    (event,) = [row for row in heard.rows(ORDER_BOOK_EVENTS) if row["cause"] == "trades_silent"]
    assert ('"trades":9' in event["detail"], '"heard_trades":0' in event["detail"]) == (True, True)


def test_a_minute_with_trades_amiss_is_told_and_two_are_a_dead_stream() -> None:
    live, found = Liveness(START, has_candles=True), []
    for minute in range(3):
        live.on_closed(filled(MINUTE + 60 * minute, 100.0), MINUTE + 60 * minute + 61.0)
        for n in range(50):
            at = MINUTE + 60 * minute + n
            live.on_trade(trade(at), at)
        found += live.on_time(MINUTE + 60 * minute + 67.0)
    of_trades = [notice.cause.value for notice in found if notice.channel is Channel.TRADES]
    assert of_trades[:2] == ["trades_missing", "trades_silent"]


def trade(at: float) -> Any:
    heard = Heard()
    (message,), _ = heard.session.reader.read(binance_trade("X", round(at), at, 100.0, 1.0), at)
    return message


def test_a_fault_in_one_symbol_reaches_no_other_and_its_end_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = synced()
    heard.session.track("Y", 8, START)
    whole = followed_module.SymbolSession.on_time

    def failing(self: Any, at: float) -> None:
        if self.book.symbol == "X":
            raise ZeroDivisionError("a fault of ours")
        whole(self, at)

    monkeypatch.setattr(followed_module.SymbolSession, "on_time", failing)
    heard.session.tick(START + 1.0)
    rows = [row for row in heard.rows(ORDER_BOOK_EVENTS) if row["instrument_id"] == 7]
    assert [row["cause"] for row in rows][-2:] == ["failed", "started"]
    assert "ZeroDivisionError" in rows[-2]["detail"]
    for n in range(100):
        heard.session.tick(START + 2.0 + n / 10)
    assert heard.session.failures < 8  # ever more seldom
    monkeypatch.setattr(followed_module.SymbolSession, "on_time", whole)
    heard.session.tick(START + 90.0)
    assert heard.session.symbols == ["X", "Y"]
    monkeypatch.setattr(followed_module.SymbolSession, "stop", lambda *_: 1 / 0)
    heard.session.stop(START + 100.0)
    ends = [row["instrument_id"] for row in heard.rows(ORDER_BOOK_EVENTS) if row["state_after"] == "stopped"]
    assert {7, 8} == set(ends)


def test_depth_that_comes_late_makes_a_book_lagging_and_in_time_synced_again() -> None:
    heard = synced()
    book = heard.session.books["X"]
    for n in range(1, 400):
        at = START + n / 10
        late = 120.0 if 50 <= n < 300 else 0.0
        depth = binance_depth("X", 100 + n, 100 + n, at - late)
        heard.session.received("one", depth, at)
        heard.session.received("one", binance_trade("X", n, at, 100.0, 1.0), at)
        heard.session.tick(at)
        assert (book.state.value == "lagging") == (50 <= n < 300)
        assert (book.features is None) == (50 <= n < 300)
    assert heard.causes(ORDER_BOOK_EVENTS)[-2:] == ["late", "caught_up"]
    lagging = [(alert.kind.value, alert.reference) for alert in heard.alerts if "book" in alert.kind.value]
    assert lagging == [("book_lagging", ""), ("book_lagging", "resolved")]
    assert book.counts.gaps == 0


@pytest.mark.parametrize("ahead", [45.0, -45.0])
def test_a_clock_of_ours_that_is_wrong_is_told_and_closes_no_minute_early(ahead: float) -> None:
    heard = Heard("coinbase")
    begins = MINUTE + ahead  # by our clock
    heard.session.track("X", 7, begins - 5)
    closed_at = None
    for n in range(0, 700):
        venue = MINUTE - 4 + n / 5
        at = venue + ahead
        body = {"trade_id": str(n), "product_id": "X", "price": "10", "size": "1", "side": "BUY"}
        moment = datetime.fromtimestamp(round(venue - 0.02, 3), UTC).isoformat()
        events = {"type": "update", "trades": [body | {"time": moment}]}
        heard.session.received("one", coinbase(n, venue, "market_trades", events), at)
        heard.session.tick(at)
        if heard.candles and closed_at is None:
            closed_at = venue
    assert closed_at is not None
    first = heard.candles[0][1].ts.timestamp()
    assert first + 60 <= closed_at <= first + 62
    assert len(heard.candles) == len({candle.ts for _, candle in heard.candles})  # nothing was revised
    assert [alert.kind.value for alert in heard.alerts if alert.kind.value == "clock_offset"] == [
        "clock_offset"
    ]
    assert heard.rows(VENUE_CLOCKS)[-1]["ahead_seconds"] == pytest.approx(ahead, abs=0.5)


def test_one_trade_of_the_future_costs_one_second_of_trades() -> None:
    heard = synced()
    for n in range(120):
        at = START + n
        when = at + 3600 if n == 60 else at
        heard.session.received("one", binance_trade("X", n, when, 100.0, 1.0), at)
        heard.session.tick(at)
    heard.session.stop(START + 121)
    assert (len(heard.rows(TRADES_1S)), heard.session.malformed) == (119, 1)
