"""A fault of ours in one symbol ends that symbol alone, wherever in the session it comes to light."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.symbol_session import SymbolSession
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.reader import Malformed
from alphapulse_resources.streams.tables import ORDER_BOOK_ALERTS, ORDER_BOOK_EVENTS
from tests.unit.market_session_support import (
    ASKS,
    BIDS,
    START,
    Heard,
    binance_depth,
    binance_trade,
    coinbase,
    coinbase_book,
    rest_book,
)

FAULTY, WELL = "A", "B"  # the faulty one comes first wherever symbols come in order


def fail(*given: Any, **named: Any) -> NoReturn:
    raise ZeroDivisionError("a fault of ours")


def on_binance() -> Heard:
    heard = Heard()
    for n, symbol in enumerate((FAULTY, WELL), 1):
        heard.session.track(symbol, n, START)
        heard.session.received("one", binance_depth(symbol, 100, 100, START, bids=[(99.5, 1.0)]), START)
        heard.session.snapshot(rest_book(symbol, 99, BIDS, ASKS), START + 0.01)
        heard.session.received("one", binance_trade(symbol, 1, START + 0.02, 99.5, 1.0), START + 0.02)
    assert states(heard) == {FAULTY: BookState.SYNCED, WELL: BookState.SYNCED}
    return heard


def on_coinbase() -> Heard:
    heard = Heard(venue="coinbase")
    for n, symbol in enumerate((FAULTY, WELL), 1):
        heard.session.track(symbol, n, START)
        book = coinbase(n, START, "l2_data", coinbase_book("snapshot", symbol, BIDS, ASKS))
        heard.session.received("one", book, START)
    assert states(heard) == {FAULTY: BookState.SYNCED, WELL: BookState.SYNCED}
    return heard


def states(heard: Heard) -> dict[str, BookState]:
    return {symbol: book.state for symbol, book in heard.session.books.items()}


def ended(heard: Heard) -> list[tuple[int, str]]:
    rows = heard.rows(ORDER_BOOK_EVENTS)
    return [(row["instrument_id"], row["cause"]) for row in rows if row["state_after"] == "stopped"]


def test_a_hole_in_a_connection_breaks_the_other_books_whatever_fails_in_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = on_coinbase()
    monkeypatch.setattr(heard.session._followed[FAULTY]._analytics, "lost", fail)
    hole = coinbase(9, START + 1, "l2_data", coinbase_book("update", WELL, [(99.0, 5.0)], []))
    heard.session.received("one", hole, START + 1)
    assert states(heard)[WELL] is BookState.BROKEN
    assert ended(heard) == [(1, "failed")]


@pytest.mark.parametrize("end", ["opened", "closed"])
@pytest.mark.parametrize("made", [on_binance, on_coinbase])
def test_so_does_its_end(made: Callable[[], Heard], end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = made()
    monkeypatch.setattr(heard.session._followed[FAULTY]._analytics, "lost", fail)
    getattr(heard.session, end)("one", START + 1)
    assert states(heard)[WELL] is not BookState.SYNCED
    assert ended(heard) == [(1, "failed")]


LATER = START + 9
BAD, BOOK = Malformed(FAULTY, "bad", True), rest_book(FAULTY, 200, BIDS, ASKS)
DEPTH = Subscription(FAULTY, Channel.DEPTH)
WAYS: dict[str, tuple[str, Callable[[MarketSession], object]]] = {
    "a book over REST": ("on_rest_book", lambda session: session.snapshot(BOOK, LATER)),
    "a refusal": ("on_refused", lambda session: session.refused(DEPTH, "no", LATER)),
    "an acceptance": ("on_accepted", lambda session: session.accepted(DEPTH, LATER)),
    "a bad message": ("on_malformed", lambda session: session.unreadable("one", BAD, LATER)),
    "a hole in trades": ("on_hole", lambda session: session.opened("one", LATER)),
    "time": ("on_time", lambda session: session.tick(LATER)),
    "what is overdue": ("overdue", lambda session: session.overdue(LATER)),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_raised_and_the_symbol_begins_anew(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, act = WAYS[way]
    heard = on_binance()
    heard.session.books[FAULTY].break_up(heard.session._followed[FAULTY]._last.cause, START + 8)
    monkeypatch.setattr(heard.session._followed[FAULTY], name, fail)
    act(heard.session)
    assert ended(heard) == [(1, "failed")]
    assert states(heard)[WELL] is (BookState.STALE if "hole" in way else BookState.SYNCED)
    heard.session.tick(START + 10)
    assert states(heard)[FAULTY] is BookState.BUFFERING


def test_silence_of_the_others_is_seen_whatever_fails_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = on_binance()
    monkeypatch.setattr(heard.session._followed[FAULTY]._analytics, "lost", fail)
    assert Subscription(WELL, Channel.DEPTH) in heard.session.silent(START + 11)
    assert states(heard) == {WELL: BookState.STALE}


def test_a_symbol_that_fails_again_and_again_is_told_and_so_is_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, at = on_binance(), START + 1
    with monkeypatch.context() as broken:
        broken.setattr(SymbolSession, "on_trade", fail)
        while at < START + 60:
            heard.session.tick(at)
            heard.session.received("one", binance_trade(FAULTY, 2, at, 99.5, 1.0), at)
            at += 1
    told = [(alert.symbol, alert.severity.value, alert.reference) for alert in heard.alerts]
    assert told == [(FAULTY, "critical", "failed")]
    assert "ZeroDivisionError" in heard.alerts[0].title
    assert [row["reference"] for row in heard.rows(ORDER_BOOK_ALERTS)] == ["failed"]
    for second in range(200):
        heard.session.tick(at + second)
    over = [alert for alert in heard.alerts if alert.reference == "resolved failed"]
    assert [(alert.symbol, alert.severity.value) for alert in over] == [(FAULTY, "info")]
