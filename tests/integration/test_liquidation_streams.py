"""Liquidations over real sockets: what the venue told is stored, once, and nothing else is disturbed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from liquidation_support import BASES, SEED, Listening, until, within
from stream_feed_support import QUICK, Recorder, feeding, subscriptions

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.thresholds import (
    LiquidationThresholds,
    SymbolThresholds,
    Thresholds,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.streams import subscription_requests
from alphapulse_resources.streams.protocols import Channel
from alphapulse_resources.streams.venues import ADAPTERS
from alphapulse_sim.process import SimulatorProcess

MARKETS = ("binanceusdm", "bybit.linear")
TOPIC = {"binanceusdm": "forceOrder", "bybit.linear": "allLiquidation"}
WELL, TWICE, ALSO_WELL, BROKEN, MUTE, REFUSED = BASES
HEARD = (WELL, TWICE, ALSO_WELL)
EAGER = SessionOptions(
    thresholds=Thresholds(
        SymbolThresholds(liquidations=LiquidationThresholds(floor=1.0, alone=1.0, least_count=2, cool_down=1))
    )
)
"""Two liquidations within a minute are a cascade."""


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    warm_up()
    with SimulatorProcess(seed=SEED) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    running.clear()
    yield running
    running.clear()


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


@pytest.mark.parametrize("market", MARKETS)
def test_what_the_venue_told_is_stored_once_and_faults_of_one_symbol_are_its_own(
    market: str, database: Database, sim: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription_requests, "REFUSED_SECONDS", 0.5)
    topic = TOPIC[market]
    sim.fault("ws_duplicate", path=topic, symbol=f"{TWICE}USDT")
    sim.fault("ws_malformed", path=topic, symbol=f"{BROKEN}USDT", text='{"e":"forceOrder","topic":1}')
    sim.fault("ws_mute", path=topic, symbol=f"{MUTE}USDT")
    sim.fault("ws_subscribe_error", path=topic, symbol=f"{REFUSED}USDT", message="no such stream")
    one = Listening(market, database, sim, tmp_path, options=EAGER)
    two = Listening(market, database, sim, tmp_path, run_id="another run")  # a connection of its own

    async def story() -> None:
        async with one.running(), two.running():
            await until("liquidations", lambda: one.compared(HEARD) >= 5)
            await until("one that comes twice", lambda: one.stored(TWICE))
            await until("a refusal", lambda: any(a.kind == "subscription_refused" for a in one.alerts))
            sim.clear()
            await until("what was refused", lambda: one.stretches(REFUSED))

    play(story)
    assert one.compared(HEARD) >= 5
    for base in HEARD:
        assert within(one.told(base), *one.span(HEARD)) == one.truth(base, *one.span(HEARD))
        for row in one.stored(base):
            assert row["order_side"] == {"long": "sell", "short": "buy"}[row["position_side"]]
            price = row["average_price"] or row["price"]
            assert row["base_amount"] == row["size"]
            assert row["notional"] == row["size"] * price == row["notional_usd"]
            assert row["ts"] <= row["published_at"] <= row["known_at"] + timedelta(seconds=1)
            assert row["stream_is_complete"] is (one.venue == "bybit")
    refused = [alert for alert in one.alerts if alert.kind == "subscription_refused"]
    assert {alert.symbol for alert in refused} == {f"{REFUSED}USDT"}
    assert refused[0].detail["channel"] == "liquidations"
    stale = [alert for alert in one.alerts if alert.symbol != f"{REFUSED}USDT" and "silent" in alert.kind]
    assert stale == []  # silence of liquidations proves nothing
    for base in BASES:
        assert {each["why"] for each in one.stretches(base)} == {"the run was stopped"}
    assert {each["run_id"] for each in one.rows("SELECT DISTINCT run_id FROM liquidations")} <= {
        "run",
        "another run",
    }
    _books_and_trades_went_on(one)
    _cascades_are_alerts(one)


def _cascades_are_alerts(one: Listening) -> None:
    """Each that was told is stored, and rests on rows that are stored."""
    told = [alert for alert in one.alerts if alert.kind == "liquidation_cascade"]
    stored = one.rows("SELECT instrument_id, ts, reference FROM alerts WHERE kind = 'liquidation_cascade'")
    keys = {(row["instrument_id"], row["ts"], row["reference"]) for row in stored}
    assert told
    for alert in told:
        end = datetime.fromtimestamp(alert.ts, UTC)
        assert (alert.instrument_id, end, alert.reference) in keys
        rows = one.rows(
            "SELECT sum(notional) AS notional, count(*) AS n FROM liquidations"
            " WHERE instrument_id = %(id)s AND position_side = %(side)s"
            " AND ts > %(end)s - INTERVAL '60 seconds' AND ts <= %(end)s",
            id=alert.instrument_id,
            side=alert.reference,
            end=end,
        )
        # the other run may have heard one before this one listened
        assert 2 == alert.detail["liquidations"] <= rows[0]["n"]
        assert alert.detail["notional"] <= rows[0]["notional"] * (1 + 1e-12)


def _books_and_trades_went_on(one: Listening) -> None:
    """A broken frame of liquidations costs neither books nor trades anything."""
    states = one.rows("SELECT DISTINCT instrument_id FROM order_book_events WHERE state_after = 'synced'")
    assert len(states) == len(BASES)
    broken = one.rows(
        "SELECT count(*) AS n FROM order_book_events WHERE instrument_id = %(id)s AND state_after = 'broken'",
        id=one.ids[BROKEN],
    )
    assert broken[0]["n"] == 0
    holes = one.rows(
        "SELECT count(*) AS n FROM trades_1s WHERE NOT complete AND instrument_id = %(id)s",
        id=one.ids[BROKEN],
    )
    assert holes[0]["n"] <= 4  # the first and the last second of either run
    assert one.rows("SELECT count(*) AS n FROM stream_gaps")[0]["n"] == 0
    assert one.rows("SELECT count(*) AS n FROM quarantine")[0]["n"] == 0


def test_after_a_reconnect_nothing_is_there_twice_and_the_hole_is_told(
    database: Database, sim: SimulatorProcess, tmp_path: Path
) -> None:
    one = Listening("bybit.linear", database, sim, tmp_path)

    async def story() -> None:
        async with one.running():
            await until("liquidations", lambda: one.stored(WELL))
            sim.fault("ws_reset", path="allLiquidation", symbol=f"{WELL}USDT", times=1)
            await until("the other stretch", lambda: len(one.stretches(WELL)) == 2)
            await until("more of them", lambda: one.compared(HEARD) >= 1)

    play(story)
    first, second = one.stretches(WELL)
    assert first["ts"] < first["until_at"] <= second["ts"] < second["until_at"]
    assert first["why"] in (
        "no connection has the subscription any more",
        "its connection was replaced by another",
    )
    told = one.told(WELL)
    assert len(set(told)) == len(told)
    assert one.compared(HEARD) >= 1
    for base in HEARD:
        assert within(one.told(base), *one.span(HEARD)) == one.truth(base, *one.span(HEARD))
    coverage = one.rows("SELECT * FROM liquidation_coverage WHERE instrument_id = %(id)s", id=one.ids[WELL])
    seconds = sum((each["until_at"] - each["ts"]).total_seconds() for each in (first, second))
    assert coverage[0]["listened_seconds_24h"] == pytest.approx(seconds)
    assert (coverage[0]["listening"], coverage[0]["stream_is_complete"]) == (False, True)


def test_coin_margined_contracts_are_worth_what_they_are(
    database: Database, sim: SimulatorProcess, tmp_path: Path
) -> None:
    one = Listening("binancecoinm", database, sim, tmp_path, contracts={"BTC": 100.0, "ETH": None})

    async def story() -> None:
        async with one.running():
            await until("liquidations of both", lambda: one.stored("BTC") and one.stored("ETH"))
            await until("whole seconds", lambda: one.compared(("BTC", "ETH")) >= 1)
            await until(
                "books", lambda: one.rows("SELECT 1 FROM order_book_events WHERE state_after = 'synced'")
            )

    play(story)
    for base in one.contracts:
        assert within(one.told(base), *one.span(one.contracts)) == one.truth(base, *one.span(one.contracts))
    for row in one.stored("BTC"):
        assert row["notional"] == row["size"] * 100.0 == row["notional_usd"]
        assert row["base_amount"] == pytest.approx(row["notional"] / row["average_price"])
    for row in one.stored("ETH"):  # whose venue has not been asked yet how large a contract is
        worth = (row["base_amount"], row["notional"], row["notional_usd"], row["not_converted"])
        assert worth == (None, None, None, "no contract size")
    rates = one.rows("SELECT instrument_id, usd_rate FROM order_book_status")
    assert {row["instrument_id"]: row["usd_rate"] for row in rates} == {
        one.ids["BTC"]: 1.0,
        one.ids["ETH"]: None,
    }


def test_a_connection_of_liquidations_alone_may_be_quiet_and_is_renewed_without_waiting_for_one(
    sim: SimulatorProcess,
) -> None:
    sim.fault("ws_mute", path="forceOrder")
    recorder = Recorder("binanceusdm")
    wanted = subscriptions(["BTCUSDT"], Channel.LIQUIDATIONS)
    options = replace(
        QUICK, silence_seconds=1.0, stream_silence_seconds=0.5, lifetime_seconds=3.5, margin_seconds=0.5
    )

    async def story() -> None:
        async with feeding(sim.url, recorder, wanted, options):
            await until("a renewal", lambda: recorder.closes)

    play(story)
    assert recorder.closes[0] == (
        "binanceusdm-1",
        "renewed by binanceusdm-2",
    )  # after 2.5 s or more of silence


def test_the_stream_of_all_symbols_tells_the_same(sim: SimulatorProcess) -> None:
    """`!forceOrder@arr` is read as well, should a recording have it."""
    bodies = _frames_of_all(sim)
    told = [each for body in bodies for each in ADAPTERS["binanceusdm"].decode(body)]
    assert {type(each).__name__ for each in told} == {"Liquidation"}


def _frames_of_all(sim: SimulatorProcess) -> list[bytes]:
    from websockets.sync.client import connect

    url = sim.url.replace("http", "ws") + "/fstream.binance.com/market/stream?streams=!forceOrder@arr"
    with connect(url, proxy=None) as socket:
        return [socket.recv(timeout=30, decode=False) for _ in range(3)]
