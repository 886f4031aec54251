"""Rules in a stream run, asked of what it derives of closed candles: at once, and as a replay finds them."""

import asyncio
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_live_indicators import MINUTE, Market, ended

from alphapulse_assets.alerting.evaluating import Fired, Named, RuleBook
from alphapulse_assets.alerting.replaying import replay
from alphapulse_assets.alerting.rule_rows import Draft, create_rule, delete_rule
from alphapulse_assets.alerts.expressions.fields import Evaluator
from alphapulse_assets.alerts.watching import News
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.streaming import derived, stream_rules
from alphapulse_assets.streaming.derived import LiveDerivations
from alphapulse_assets.streaming.stream_rules import StreamRules
from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.sinks import DatabaseSink
from alphapulse_resources.streams.tables import Row, StreamTable

LIVE = 150
RULES = {
    "cross": "close[1m] crosses_above ema_20[1m]",
    "low": "rsi_14[5m] < 60 and close[1m] < ema_20[1m]",
    "doji": 'pattern[1m] = "doji" or pattern.family = "volume"',
    "sure": "pattern.confidence[1m] >= 50",
    "regime": 'trend[1m] = "up" and change[1m] > 0',
}


@pytest.fixture
def market(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    monkeypatch.setattr(derived, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(stream_rules, "LOOK_SECONDS", 0.05)
    database.execute("UPDATE instruments SET tracked = true")
    with asyncio.Runner() as runner:
        yield Market(database, runner)


async def _until(ready: Any) -> None:
    for _ in range(2400):
        if ready():
            return
        await asyncio.sleep(0.025)
    raise AssertionError("it did not come within a minute")


def _run(market: Market, told: list[Fired]) -> StreamRules:
    """Let candles come to derivations, rules and the real writers; the rules are watched before."""
    sink = DatabaseSink(market.database, run_id="run", shard="1-of-1")
    close = [0.0]
    rules = StreamRules(market.database, "stream 1-of-1", told.append, now=lambda: close[0])

    def put(table: StreamTable, row: Row) -> None:
        sink.put(table, row)
        rules.put(table, row)

    live = LiveDerivations(
        market.database, put, DEFAULT, market.alerts.append, market.clock, closed=rules.closed
    )
    live.follow([market.id])
    rules.follow([Named(market.id, "binance", "BTC/USDT", "BTCUSDT")])

    async def main() -> None:
        tasks = [asyncio.create_task(live.run()), asyncio.create_task(rules.run())]
        await _until(lambda: live.warm == 1 and rules.book.version is not None and not rules._fresh)
        for row in market.coming.head(LIVE).iter_rows(named=True):
            market.clock.now += 60.0
            close[0] = (row["ts"] + MINUTE).timestamp() + 1.0
            live.on_candle(market.id, ClosedCandle(**row, venue_ms=None, received_at=close[0]))
            while live.waiting:
                await asyncio.sleep(0)
        await _until(lambda: not rules._waiting and not rules._moves)
        for task in tasks:
            await ended(task)

    sink.start()
    market.loop.run(main())
    rules.finish()
    assert sink.close(60.0)
    return rules


def test_what_fires_live_is_what_a_replay_of_the_stored_rows_finds(market: Market) -> None:
    for name, expression in RULES.items():
        create_rule(market.database, Draft(name, expression), by="test", sinks=())
    told: list[Fired] = []
    rules = _run(market, told)
    market.write(market.coming.head(LIVE))
    first, last = market.coming["ts"][0], market.coming["ts"][LIVE - 1] + timedelta(minutes=5)
    stored = market.database.rows("SELECT rule_id, ts, reference FROM order_book_alerts WHERE kind = 'rule'")
    assert len(stored) == len(told)
    fires: dict[str, int] = {}
    for rule in rules.book.watch.rules:
        live = sorted(
            (row["ts"].timestamp(), row["reference"]) for row in stored if row["rule_id"] == rule.rule_id
        )
        found = replay(market.database, rule, [market.id], first, last).fired
        number = str(rule.rule_id)
        again = sorted((each.news.ts, " ".join(filter(None, (number, each.news.record)))) for each in found)
        fires[rule.name] = len(live)
        assert live == again, rule.name
    assert fires["cross"]
    assert sum(fires.values()) >= 20, fires


def _told_apart(seconds: float) -> float:
    """The last moment before ``seconds`` that PostgreSQL and Python round to different microseconds."""
    while (
        round((seconds - 946_684_800) * 1e6)
        == round(seconds % 1 * 1e6) + (int(seconds) - 946_684_800) * 10**6
    ):
        seconds = math.nextafter(seconds, 0.0)
    return seconds


def test_what_a_worker_stored_and_did_not_come_to_tell_is_told_by_the_next(market: Market) -> None:
    create_rule(market.database, Draft("any", "price > 0", mode="level"), by="test", sinks=())
    named = Named(market.id, "binance", "BTC/USDT", "BTCUSDT")
    killed = RuleBook(market.database, Evaluator.STREAM, "stream", instruments={market.id: named})
    loaded = killed.load()
    assert loaded is not None
    killed.apply(loaded)
    at = _told_apart(time.time())
    (stored,) = killed.store(killed.watch.take(News(market.id, at, at, {"price": 5.0}))).fired
    told: list[Fired] = []
    rules = StreamRules(market.database, "stream", told.append, tell_again=told.append)
    rules.follow([named])

    async def main() -> None:
        task = asyncio.create_task(rules.run())
        await _until(lambda: told)
        await ended(task)

    market.loop.run(main())
    (again,) = told
    assert again.payload == stored.payload
    market.database.execute(
        "INSERT INTO alert_deliveries"
        " (instrument_id, ts, kind, reference, sink, outcome, attempts, settled_at)"
        " SELECT instrument_id, ts, kind, reference, 'desk', 'failed', 1, now() FROM order_book_alerts"
    )
    assert killed.untold([market.id], datetime.now(UTC)) == []


def test_a_rule_that_is_made_or_removed_meanwhile_is_noticed_without_a_restart(market: Market) -> None:
    told: list[Fired] = []
    rules = StreamRules(market.database, "stream 1-of-1", told.append)
    rules.follow([Named(market.id, "binance", "BTC/USDT", "BTCUSDT")])

    async def main() -> None:
        task = asyncio.create_task(rules.run())
        await _until(lambda: rules.book.version is not None)
        create_rule(market.database, Draft("any", "price > 0", mode="level"), by="test", sinks=())
        await _until(lambda: rules.book.watch.rules)
        rules._heard(News(market.id, 1000.0, 1000.0, {"price": 5.0}))
        await _until(lambda: told)
        delete_rule(market.database, "any")
        await _until(lambda: not rules.book.watch.rules)
        await ended(task)

    market.loop.run(main())
    assert told[0].payload["venue"] == "binance"
    assert told[0].payload["title"].startswith("BTC/USDT on binance: any")
