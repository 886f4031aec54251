"""Rules on stored rows: what fires, once whoever evaluates, after a restart, and by replay at any time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from candle_frames import register

from alphapulse_assets.alerting.evaluating import RuleBook
from alphapulse_assets.alerting.readings import became_known, standing
from alphapulse_assets.alerting.replaying import replay
from alphapulse_assets.alerting.rule_rows import Draft, alerts, create_rule, rule, update_rule
from alphapulse_assets.alerts.expressions.fields import FIELDS, Evaluator
from alphapulse_assets.alerts.rules import Read, check
from alphapulse_assets.alerts.watching import News
from alphapulse_resources.database.client import Database

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def symbols(database: Database) -> list[int]:
    found = register(database, ["BTC/USDT", "ETH/USDT"], "binance")
    database.execute("UPDATE instruments SET tracked = true")
    return found


def _rule(database: Database, expression: str, **given: Any) -> dict[str, Any]:
    return create_rule(database, Draft(name="mine", expression=expression, **given), by="test", sinks=())


def _book(database: Database, evaluator: Evaluator = Evaluator.STREAM) -> RuleBook:
    book = RuleBook(database, evaluator, evaluator.value)
    book.read_instruments()
    loaded = book.load()
    assert loaded is not None
    book.apply(loaded)
    return book


def _see(book: RuleBook, instrument: int, price: float, second: float) -> int:
    """Take a price; how many alerts came of it."""
    at = START.timestamp() + second
    moves = book.watch.take(News(instrument, at, at, {"price": price}))
    stored = book.store(moves)
    book.settle(stored)
    return len(stored.fired)


def _seconds(database: Database, instrument: int, prices: Sequence[float]) -> None:
    for number, price in enumerate(prices):
        ts = START + timedelta(seconds=number)
        database.execute(
            "INSERT INTO trades_1s (instrument_id, ts, trades, buy_volume, sell_volume, buy_value,"
            " sell_value, open, high, low, close, first_trade, last_trade, complete, received_at)"
            " VALUES (%(id)s, %(ts)s, 1, 1, 0, 1, 0, %(p)s, %(p)s, %(p)s, %(p)s, '1', '1', true, %(ts)s)",
            {"id": instrument, "ts": ts, "p": price},
        )


def test_a_crossing_fires_once_over_a_restart_and_beside_another_worker(
    database: Database, symbols: list[int]
) -> None:
    _rule(database, "price > 100", venue="binance", symbol="BTC/USDT")
    first = _book(database)
    assert [_see(first, symbols[0], price, place) for place, price in enumerate((101, 99))] == [0, 0]
    beside = _book(database)  # read the same state
    assert _see(first, symbols[0], 101, 2) == 1
    assert _see(beside, symbols[0], 102, 2.5) == 0, "it had not heard of the other's step: refused, and read"
    assert _see(beside, symbols[0], 103, 3) == 0
    again = _book(database)  # a restart
    assert _see(again, symbols[0], 104, 4) == 0
    assert _see(again, symbols[0], 90, 5) == 0
    third = _book(database)  # it fell while nobody looked further
    assert _see(third, symbols[0], 105, 6) == 1
    found = alerts(database)
    assert [(each["kind"], each["symbol"], each["detail"]["values"]) for each in found] == [
        ("rule", "BTC/USDT", {"price": 105}),
        ("rule", "BTC/USDT", {"price": 101}),
    ]
    assert found[0]["known_at"] == START + timedelta(seconds=6)
    assert found[0]["title"] == "BTC/USDT on binance: mine: price > 100 (price 105)"


def test_crosses_above_remembers_its_sides_over_a_restart(database: Database, symbols: list[int]) -> None:
    _rule(database, "price crosses_above 100", venue="binance", symbol="BTC/USDT")
    assert _see(_book(database), symbols[0], 90, 0) == 0
    book = _book(database)
    assert [_see(book, symbols[0], price, place) for place, price in enumerate((110, 120, 90), 1)] == [
        1,
        0,
        0,
    ]
    assert _see(_book(database), symbols[0], 130, 9) == 1


def test_cool_down_and_expiry_hold_back(database: Database, symbols: list[int]) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    made = _rule(database, "price > 100", cool_down=timedelta(seconds=60), expires_at=soon)
    book = _book(database)
    fired = [
        _see(book, symbols[0], price, place * 20) for place, price in enumerate((90, 110, 90, 110, 90, 110))
    ]
    assert fired == [0, 1, 0, 0, 0, 1], "40 s after the first it is held back, 80 s after it is not"
    assert alerts(database)[0]["detail"]["held_back"] == 1
    database.execute("UPDATE alert_rules SET expires_at = now() - INTERVAL '1 s'")
    loaded = book.load()
    assert loaded is not None
    assert not loaded.rules
    assert rule(database, made["rule_id"])["expired"]


def test_a_changed_rule_begins_anew_and_its_old_steps_are_refused(
    database: Database, symbols: list[int]
) -> None:
    _rule(database, "price > 100")
    book = _book(database)
    assert _see(book, symbols[0], 90, 0) == 0
    update_rule(database, "mine", {"expression": "price > 50"}, sinks=())
    assert _see(book, symbols[0], 110, 1) == 0, "this worker has the old rule still"
    loaded = book.load()
    assert loaded is not None
    book.apply(loaded)
    assert book.load() is None, "nothing changed since"
    assert [_see(book, symbols[0], price, 2 + place) for place, price in enumerate((90, 40, 60))] == [0, 0, 1]


def test_a_watchlist_is_the_scope_and_a_rule_made_in_sql_is_read_or_said_to_be_wrong(
    database: Database, symbols: list[int]
) -> None:
    database.execute("INSERT INTO watchlists (name) VALUES ('mine')")
    database.execute(
        "INSERT INTO watchlist_symbols (watchlist_id, instrument_id) SELECT 1, %(id)s", {"id": symbols[1]}
    )
    database.rows("SELECT create_alert_rule('listed', 'price > 100', p_watchlist => 'mine')")
    database.rows("SELECT create_alert_rule('wrong', 'prise > 100')")
    book = _book(database)
    fired = [_see(book, symbol, price, price) for symbol in symbols for price in (90, 110)]
    assert fired == [0, 0, 0, 1]
    assert rule(database, "listed")["evaluator"] == "stream"
    assert "did you mean price" in rule(database, "wrong")["problem"]
    book.note_looks()
    assert database.rows("SELECT looks, unknown FROM alert_rule_looks") == [{"looks": 2, "unknown": 0}]


def test_replay_fires_where_live_did_and_knows_nothing_of_later(
    database: Database, symbols: list[int]
) -> None:
    prices = [99, 101, 102, 98, 97, 103, 99, 104]
    _seconds(database, symbols[0], prices)
    _rule(database, "price > 100", venue="binance", symbol="BTC/USDT")
    book = _book(database)
    live = [place + 1 for place, price in enumerate(prices) if _see(book, symbols[0], price, place + 1)]
    asked = book.watch.rules[0]
    whole = replay(database, asked, symbols[:1], START, START + timedelta(minutes=1))
    told = [move.news.at - START.timestamp() for move in whole.fired]
    assert told == live == [2, 6, 8]
    assert (whole.looks, whole.unknown) == (8, 0)
    part = replay(database, asked, symbols[:1], START, START + timedelta(seconds=6))
    assert [move.news.at for move in part.fired] == [move.news.at for move in whole.fired[:2]]
    database.execute("DELETE FROM trades_1s WHERE ts >= %(at)s", {"at": START + timedelta(seconds=6)})
    again = replay(database, asked, symbols[:1], START, START + timedelta(minutes=1))
    assert [move.news for move in again.fired] == [move.news for move in part.fired]
    later = replay(database, asked, symbols[:1], START + timedelta(seconds=3), START + timedelta(minutes=1))
    assert [move.news.at - START.timestamp() for move in later.fired] == [6], (
        "it stood above at 3 s: no crossing"
    )


def test_every_field_can_be_read_as_it_stood_and_as_it_became_known(
    database: Database, symbols: list[int]
) -> None:
    reads = [
        Read(f"{name}[1h]" if field.timeframe else name, field, "1h" if field.timeframe else None)
        for name, field in FIELDS.items()
    ]
    until = START + timedelta(minutes=1)
    for stood in standing(database, reads, symbols, until):
        assert stood.values.keys() & {"gap.minutes", "freshness.seconds"}
    known = became_known(database, reads, symbols, START, until)
    looked = {news.at for news in known}
    assert looked == {START.timestamp() + 30, START.timestamp() + 60}
    assert {news.values["gap.minutes"] for news in known} == {0.0}
    assert {news.values["freshness.seconds"] for news in known} == {None}


def test_funding_is_told_by_eight_hours_and_as_of_when_it_was_known(
    database: Database, symbols: list[int]
) -> None:
    for minute, rate in enumerate((0.0001, 0.0004, 0.0001)):
        database.execute(
            "INSERT INTO mark_price_readings (instrument_id, ts, mark_price, index_price, funding_rate,"
            " interval_hours, known_at, source, received_at)"
            " VALUES (%(id)s, %(ts)s, 101, 100, %(rate)s, 4, %(ts)s + INTERVAL '5 s', 'test', %(ts)s)",
            {"id": symbols[0], "ts": START + timedelta(minutes=minute), "rate": rate},
        )
    _rule(database, "funding.rate_8h > 0.0005 and basis > 0.005", venue="binance", symbol="BTC/USDT")
    book = _book(database, Evaluator.POLLER)
    fired = []
    for second in (6, 64, 66, 130):
        at = START + timedelta(seconds=second)
        for news in standing(database, book.watch.reads.values(), symbols, at):
            book.watch.know(news)
        stored = book.store([move for each in symbols for move in book.watch.look(each, at.timestamp())])
        fired.append(len(stored.fired))
    assert fired == [0, 0, 1, 0]
    (move,) = replay(database, book.watch.rules[0], symbols, START, START + timedelta(hours=1)).fired
    assert move.news.at == (START + timedelta(seconds=65)).timestamp()
    assert check("funding.rate > 1 and price > 1").evaluator is Evaluator.STREAM
