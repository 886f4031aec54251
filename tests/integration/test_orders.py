"""Orders over a real socket: placed once whatever is lost, refused in words, stopped by the kill switch."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Final

import psycopg
import pytest
from cli_support import run
from trading_support import (
    HOSTS,
    PLACES,
    SYMBOLS,
    MakeDesk,
    audit,
    limit,
    market,
    orders_at,
    price_at,
    settings_at,
)
from trading_support import make_desk as make_desk
from trading_support import simulator as simulator
from trading_support import venues as venues

from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess
from alphapulse_trading.books import HALT_FILE
from alphapulse_trading.desk import Desk
from alphapulse_trading.model import OrderRequest, RefusedError, TradingError
from alphapulse_trading.network import UNDERSTOOD

VENUES: Final = tuple(HOSTS)


@pytest.mark.parametrize("venue", VENUES)
def test_orders_are_placed_changed_filled_and_cancelled(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, venue: str
) -> None:
    desk = make_desk()
    price = price_at(desk, venue)
    bought = desk.place(market(venue, "bought"))
    assert (bought.status, bought.filled) == ("filled", Decimal("0.01"))
    assert bought.average == pytest.approx(price, rel=Decimal("0.01"))
    resting = desk.place(limit(venue, "resting", price - 500))
    assert (resting.status, resting.filled) == ("open", 0)
    amended = desk.amend(venue, "resting", Decimal("0.02"), price - 400)
    assert amended.status == "open"
    name = "resting-a2" if venue == "binance" else "resting"
    (row,) = database.rows("SELECT * FROM trading_orders WHERE client_id = %(id)s", {"id": name})
    assert (row["size"], row["price"], row["status"]) == (Decimal("0.02"), price - 400, "open")
    assert desk.query(venue, name).status == "open"
    assert desk.cancel(venue, name).status == "cancelled"
    assert desk.cancel(venue, name).status == "cancelled"  # once more is no error
    stop_price = None if venue != "binance" else price - 1100  # spot here takes stops with a limit alone
    stop = OrderRequest(
        "stopped", venue, SYMBOLS[venue], "sell", "stop", Decimal("0.01"), stop_price, price - 1000
    )
    assert desk.place(stop).status == "open"
    assert desk.cancel(venue, "stopped").status == "cancelled"
    assert {each["status"] for each in orders_at(simulator, venue)} == {"FILLED", "CANCELED"}


@pytest.mark.parametrize("venue", VENUES)
def test_an_order_whose_answer_was_lost_exists_once(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, venue: str
) -> None:
    desk = make_desk()
    desk.place(market(venue, "warm-up"))
    simulator.fault("lost_answer", host=HOSTS[venue], path=PLACES[venue], times=1)
    done = desk.place(market(venue, "lost"))
    assert (done.status, done.filled) == ("filled", Decimal("0.01"))
    assert [each["client_id"] for each in orders_at(simulator, venue)] == ["warm-up", "lost"]
    assert desk.place(market(venue, "lost")) == done  # the same id is the same order
    assert len(orders_at(simulator, venue)) == 2
    steps = audit(database, "lost")
    assert steps[:4] == [("place", "request"), ("place", "lost"), ("query", "request"), ("query", "answer")]
    assert steps.count(("place", "request")) == 1


def test_an_order_that_never_arrived_is_sent_again_once_that_is_sure(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess
) -> None:
    desk = make_desk()
    desk.place(market("binance", "warm-up"))
    simulator.fault("reset", host=HOSTS["binance"], path=PLACES["binance"], times=1)
    assert desk.place(market("binance", "again")).status == "filled"
    assert [each["client_id"] for each in orders_at(simulator, "binance")] == ["warm-up", "again"]
    assert audit(database, "again").count(("place", "request")) == 2
    sent = database.rows("SELECT sends FROM trading_orders WHERE client_id = 'again'")
    assert sent[0]["sends"] == 2


def test_an_order_on_its_way_is_waited_for_and_not_doubled(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess
) -> None:
    """The request is held up for longer than an answer is waited for; until then there is no such order."""
    desk = make_desk(recv_window_ms=6000)
    desk.place(market("binance", "warm-up"))
    simulator.fault("delay", host=HOSTS["binance"], path=PLACES["binance"], times=1, seconds=3.0)
    assert desk.place(market("binance", "late")).status == "filled"
    assert [each["client_id"] for each in orders_at(simulator, "binance")] == ["warm-up", "late"]
    assert audit(database, "late").count(("place", "request")) == 1


@pytest.mark.parametrize("fault", ["status", "truncated"])
def test_an_answer_that_says_nothing_is_no_answer(
    make_desk: MakeDesk, simulator: SimulatorProcess, fault: str
) -> None:
    desk = make_desk()
    desk.place(market("bybit", "warm-up"))
    code = {"code": 503} if fault == "status" else {}
    simulator.fault(fault, host=HOSTS["bybit"], path=PLACES["bybit"], times=1, **code)
    assert desk.place(market("bybit", "unsaid")).status == "filled"
    assert [each["client_id"] for each in orders_at(simulator, "bybit")] == ["warm-up", "unsaid"]


def test_a_desk_that_died_after_sending_goes_on_where_it_was(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess
) -> None:
    desk = make_desk()
    order = market("binance", "survivor")
    desk.books.begin(order)
    desk.books.sending(order)
    desk._venue("binance").place(order)  # and nobody wrote down what came of it
    assert make_desk().place(order).status == "filled"
    assert [each["client_id"] for each in orders_at(simulator, "binance")] == ["survivor"]


def test_two_who_place_one_order_at_once_place_one(make_desk: MakeDesk, simulator: SimulatorProcess) -> None:
    desks = [make_desk(), make_desk(), make_desk()]
    with ThreadPoolExecutor(len(desks)) as pool:
        found = list(pool.map(lambda desk: desk.place(market("bybit", "shared")), desks))
    assert len(set(found)) == 1
    assert [each["client_id"] for each in orders_at(simulator, "bybit")] == ["shared"]


def test_an_id_is_one_order_for_good(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.place(market("binance", "mine"))
    with pytest.raises(RefusedError, match="that of another order"):
        desk.place(market("binance", "mine", size="0.02"))


@pytest.mark.parametrize("venue", VENUES)
def test_what_is_no_order_is_refused_before_it_is_sent(
    make_desk: MakeDesk, simulator: SimulatorProcess, venue: str
) -> None:
    desk = make_desk(max_order_value=1000)
    price = price_at(desk, venue)
    for order, said in (
        (market(venue, "a", size="0.0000001"), "no multiple"),
        (limit(venue, "b", price + Decimal("0.001")), "price of .* is no multiple"),
        (limit(venue, "c", price, size="1"), "is the most"),
        (OrderRequest("d", venue, "XXX/USDT", "buy", "market", Decimal(1)), "lists no|not known"),
    ):
        with pytest.raises(RefusedError, match=said):
            desk.place(order)
    assert orders_at(simulator, venue) == []


@pytest.mark.parametrize(
    ("venue", "code"), [("binance", "-2010"), ("binanceusdm", "-2019"), ("bybit", "110007")]
)
def test_what_the_venue_refuses_is_told_in_its_words_and_not_sent_again(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, venue: str, code: str
) -> None:
    desk = make_desk(max_order_value=1e9)
    price = price_at(desk, venue)
    with pytest.raises(RefusedError, match="refuses"):
        desk.place(limit(venue, "dear", price - 100, size="60"))
    (answer,) = database.rows(
        "SELECT detail FROM trading_audit WHERE client_id = 'dear' AND action = 'place' AND step = 'answer'"
    )
    body = answer["detail"]["body"]
    assert str(body.get("code", body.get("retCode"))) == code
    with pytest.raises(RefusedError, match="was refused before"):
        desk.place(limit(venue, "dear", price - 100, size="60"))
    assert orders_at(simulator, venue) == []


@pytest.mark.parametrize("venue", VENUES)
def test_a_clock_that_is_off_is_set_and_the_order_sent(
    make_desk: MakeDesk, simulator: SimulatorProcess, venue: str
) -> None:
    desk = make_desk()
    desk.place(market(venue, "before"))
    simulator.set_clock("2026-03-10T12:00:00", rate=1.0)
    assert desk.place(market(venue, "after")).status == "filled"
    refused = [entry for entry in simulator.log() if entry["status"] == 400]
    assert bool(refused) == (venue != "bybit")  # it refuses with a 200
    assert [each["client_id"] for each in orders_at(simulator, venue)] == ["before", "after"]


def test_keys_that_may_only_read_or_are_wrong_place_nothing(
    make_desk: MakeDesk, simulator: SimulatorProcess
) -> None:
    read_only = make_desk(bybit_key="sim-read", bybit_secret="sim-read-secret")
    with pytest.raises(TradingError, match="may only read"):
        read_only.place(market("bybit", "a"))
    wrong = make_desk(bybit_secret="wrong")
    with pytest.raises(TradingError, match="10004") as refused:
        wrong.place(market("bybit", "b"))
    assert "sim-trade" not in str(refused.value)
    told_by_the_venue = make_desk(binance_key="sim-read", binance_secret="sim-read-secret")
    with pytest.raises(RefusedError, match="-2015"):
        told_by_the_venue.place(market("binance", "c"))
    assert orders_at(simulator, "bybit") == orders_at(simulator, "binance") == []


def test_nothing_goes_to_the_live_network_without_the_words(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    with pytest.raises(TradingError, match="trading is off"):
        make_desk(mode="off")
    with pytest.raises(TradingError, match="word for word"):
        make_desk(mode="live", i_understand="yes")
    live = make_desk(mode="live", i_understand=UNDERSTOOD)
    assert live.place(market("binance", "real")).status == "filled"
    assert [each["client_id"] for each in orders_at(simulator, "binance", host="api.binance.com")] == ["real"]
    assert orders_at(simulator, "binance") == []
    reader = settings_at(
        simulator.url, tmp_path, mode="live", i_understand=UNDERSTOOD, binance_key="sim-read",
        binance_secret="sim-read-secret",
    )  # fmt: skip
    with pytest.raises(TradingError, match="may only read"):
        Desk(database, reader, LocalRateLimiter()).place(market("binance", "no"))


def test_the_kill_switch_stops_orders_and_cancels_all_that_are_open(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    desk = make_desk()
    for venue in VENUES:
        desk.place(limit(venue, f"open-{venue}", price_at(desk, venue) - 500))
    price = price_at(desk, "binanceusdm")
    symbol, size = SYMBOLS["binanceusdm"], Decimal("0.01")
    desk.place(OrderRequest("open-stop", "binanceusdm", symbol, "buy", "stop", size, None, price + 900))
    simulator.fault("lost_answer", host=HOSTS["bybit"], path="/v5/order/cancel", times=1)
    cancelled, failed = make_desk().kill("a test")
    assert failed == {}
    assert {each.client_id for each in cancelled} == {*(f"open-{venue}" for venue in VENUES), "open-stop"}
    for venue in VENUES:
        assert {each["status"] for each in orders_at(simulator, venue)} == {"CANCELED"}
    rows = database.rows("SELECT DISTINCT status FROM trading_orders")
    assert rows == [{"status": "cancelled"}]
    with pytest.raises(TradingError, match="orders are stopped"):
        desk.place(market("binance", "stopped"))
    with pytest.raises(TradingError, match="orders are stopped"):
        desk.amend("binance", "open-binance", Decimal("0.02"))
    desk.books.resume("the test goes on")
    (tmp_path / HALT_FILE).touch()
    with pytest.raises(TradingError, match="exists"):
        desk.place(market("binance", "stopped"))
    (tmp_path / HALT_FILE).unlink()
    assert desk.place(market("binance", "stopped")).status == "filled"


def test_a_kill_between_two_sends_stops_the_second(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess
) -> None:
    desk = make_desk()
    desk.place(market("binance", "warm-up"))
    simulator.fault("reset", host=HOSTS["binance"], path=PLACES["binance"], times=1)
    desk._sleep = lambda _: desk.books.halt("while it was on its way")
    with pytest.raises(TradingError, match="orders are stopped"):
        desk.place(market("binance", "halted"))
    assert [each["client_id"] for each in orders_at(simulator, "binance")] == ["warm-up"]


def test_the_audit_has_no_secrets_and_cannot_be_changed(database: Database, make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.place(market("bybit", "noted"))
    rows = database.rows("SELECT * FROM trading_audit")
    assert "sim-trade" not in json.dumps(rows, default=str)
    for change in ("UPDATE trading_audit SET detail = '{}'", "DELETE FROM trading_audit"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="only added"):
            database.execute(change)


def test_the_commands_place_show_change_and_stop(
    database: Database, make_desk: MakeDesk, simulator: SimulatorProcess, environment: pytest.MonkeyPatch
) -> None:
    refused = run("orders", "place", "one", "binance", "BTC/USDT", "buy", "0.01")
    assert (refused.code, "trading is off" in refused.err) == (1, True)
    environment.setenv("ALPHAPULSE_TRADING__MODE", "test")
    environment.setenv("ALPHAPULSE_VENUE_URL", simulator.url)
    environment.setenv("ALPHAPULSE_TRADING__BINANCE_KEY", "sim-trade")
    environment.setenv("ALPHAPULSE_TRADING__BINANCE_SECRET", "sim-trade-secret")
    price = price_at(make_desk(), "binance") - 500
    placed = run(
        "orders", "place", "one", "binance", "BTC/USDT", "buy", "0.01", "--price", str(price), "--json"
    )
    assert placed.code == 0, placed.err
    assert (placed.json["status"], placed.json["network"]) == ("open", "test")
    assert "open" in run("orders", "show", "one", "binance").out
    assert "one" in run("orders", "list").out
    assert "cancelled" in run("orders", "cancel", "one", "binance").out
    assert run("orders", "list", "--format", "json").json == []
    too_much = run("orders", "place", "two", "binance", "BTC/USDT", "buy", "1")
    assert (too_much.code, "MAX_ORDER_VALUE" in too_much.err) == (1, True)
    assert "0 open orders" in run("orders", "kill").out
    assert "orders are stopped" in run("orders", "place", "three", "binance", "BTC/USDT", "buy", "0.01").err
    assert run("orders", "resume").code == 0
    assert run("orders", "place", "three", "binance", "BTC/USDT", "buy", "0.01").code == 0
