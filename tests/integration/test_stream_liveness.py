"""Streams that are dead and look alive, on each venue over a real socket: noticed, told, renewed, alone.

All faults are in force at once, each on a symbol of its own, beside one that has none.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session import liveness
from alphapulse_assets.order_book.session import market_session as session
from alphapulse_assets.order_book.session import staleness_timer as silence
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.thresholds import AlertThresholds, SymbolThresholds, Thresholds
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.tables import Row, StreamTable
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess

pytestmark = pytest.mark.timeout(600)
SECONDS = 200.0
"""The longest that anything is waited for, on a slow machine."""

OPTIONS = SessionOptions(
    silence_seconds=4.0,
    late_seconds=4.0,
    thresholds=Thresholds(SymbolThresholds(alerts=AlertThresholds(stale=6.0, stale_at_first=8.0))),
)


@dataclass(frozen=True)
class Venue:
    """A market, and its words for symbols and channels."""

    market: str
    venue: str
    kind: str
    symbol: str
    depth: str
    trades: str
    candles: str = ""


VENUES = (
    Venue("binance", "binance", "spot", "{}USDT", "@depth", "aggTrade", "kline"),
    Venue("binanceusdm", "binanceusdm", "perpetual", "{}USDT", "@depth", "aggTrade", "kline"),
    Venue("bybit.spot", "bybit", "spot", "{}USDT", "orderbook", "publicTrade", "kline"),
    Venue("coinbase", "coinbase", "spot", "{}-USD", "level2", "market_trades"),
)
WELL, MUTE, DYING, REFUSED, FUTURE, LATE, NO_TRADES, NO_CANDLES = (
    "BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "LINK",
)  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    warm_up()
    with SimulatorProcess(seed=11) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatorProcess]:
    """Without faults; what takes minutes in life takes seconds."""
    monkeypatch.setattr(silence, "FIRST_RENEWAL", 1.0)
    monkeypatch.setattr(silence, "LONGEST_RENEWAL", 2.0)
    monkeypatch.setattr(liveness, "UNHEARD_SECONDS", 4.0)
    monkeypatch.setattr(liveness, "CANDLE_SECONDS", 8.0)
    running.clear()
    yield running
    running.clear()


@dataclass
class Followed:
    """A market's stream with its rows in memory."""

    venue: Venue
    stream: MarketStream
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)

    def symbol(self, base: str) -> str:
        return self.venue.symbol.format(base)

    def number(self, base: str) -> int:
        return BASES.index(base) + 1

    def put(self, table: StreamTable, row: Row) -> None:
        self.rows.setdefault(table.name, []).append(dict(zip(table.columns, row, strict=False)))

    def of(self, table: str, base: str) -> list[dict[str, Any]]:
        found = self.rows.get(table, [])
        return [row for row in found if row["instrument_id"] == self.number(base)]

    def causes(self, base: str) -> list[str]:
        return [row["cause"] for row in self.of("order_book_events", base)]

    def entered(self, base: str, state: str) -> int:
        """How often a book came into a state."""
        rows = self.of("order_book_events", base)
        return sum(row["state_after"] == state != row["state_before"] for row in rows)

    def state(self, base: str) -> str:
        return self.stream.session.books[self.symbol(base)].state.value

    def told(self, base: str) -> set[str]:
        """Alerts of a symbol's streams, but the notes that something is over."""
        symbol = self.symbol(base)
        return {
            alert.kind.value
            for alert in self.alerts
            if alert.symbol == symbol and not alert.reference.startswith("resolved")
        } - {"whale", "imbalance", "sweep", "liquidation_cascade"}

    async def until(self, what: str, ready: Callable[[], bool]) -> None:
        started = time.monotonic()
        while not ready():
            if time.monotonic() - started > SECONDS:
                states = {base: (self.state(base), self.causes(base)[-6:]) for base in BASES}
                raise AssertionError(f"{self.venue.market}: {what} did not come: {states}")
            await asyncio.sleep(0.05)


BASES = (WELL, MUTE, DYING, REFUSED, FUTURE, LATE, NO_TRADES, NO_CANDLES)


def followed(venue: Venue, sim: SimulatorProcess, home: Path) -> Followed:
    settings = Settings.model_validate({"venue_url": sim.url, "home": home})
    made = Followed(venue, None)  # type: ignore[arg-type]  # a moment later
    around = MarketContext(
        venues=VenueClient(settings, LocalRateLimiter(max_wait=5.0)),
        venue_url=sim.url,
        put=made.put,
        alert=made.alerts.append,
        recent=lambda instrument_id, bars: [],
        on_candle=lambda instrument_id, candle: None,
        options=OPTIONS,
        run_id="run",
        shard="1-of-1",
    )
    made.stream = MarketStream(venue.market, around)
    made.stream.follow(
        Instrument(n, venue.venue, base, venue.symbol.format(base), venue.kind, None, None)
        for n, base in enumerate(BASES, 1)
    )
    return made


def break_at_first(venue: Venue, sim: SimulatorProcess) -> None:
    symbol = venue.symbol.format
    sim.fault("ws_mute", path=venue.depth, symbol=symbol(MUTE))
    sim.fault("ws_subscribe_error", path=venue.depth, symbol=symbol(REFUSED))
    sim.fault("ws_time", path=venue.trades, symbol=symbol(FUTURE), seconds=3600)
    if venue.candles:  # elsewhere only a minute's candle over REST shows it: see the unit tests
        sim.fault("ws_mute", path=venue.trades, symbol=symbol(NO_TRADES))
        sim.fault("ws_mute", path=venue.candles, symbol=symbol(NO_CANDLES))


def break_later(venue: Venue, sim: SimulatorProcess) -> None:
    sim.fault("ws_mute", path=venue.depth, symbol=venue.symbol.format(DYING))
    sim.fault("ws_late", path=venue.depth, symbol=venue.symbol.format(LATE), seconds=9.0)


@pytest.mark.parametrize("venue", VENUES, ids=lambda venue: venue.market)
def test_what_is_dead_is_noticed_told_and_renewed_and_the_others_go_on(
    venue: Venue, sim: SimulatorProcess, tmp_path: Path
) -> None:
    async def story() -> None:
        made = followed(venue, sim, tmp_path)
        task = asyncio.create_task(made.stream.run())
        try:
            await noticed(made, sim)
            await mended(made, sim)
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            made.stream.session.stop(time.time())

    break_at_first(venue, sim)
    asyncio.run(story())


async def noticed(made: Followed, sim: SimulatorProcess) -> None:
    """Every fault becomes an event and an alert; no broken symbol is called synced, no other one suffers."""
    await made.until("the books", lambda: {made.state(base) for base in (WELL, DYING, LATE)} == {"synced"})
    break_later(made.venue, sim)
    await made.until("the alert of a stream that never spoke", lambda: "book_stale" in made.told(MUTE))
    await made.until("the alert of one that died", lambda: "book_stale" in made.told(DYING))
    await made.until("the alert of a refusal", lambda: "subscription_refused" in made.told(REFUSED))
    await made.until("the alert of late depth", lambda: "book_lagging" in made.told(LATE))
    await made.until("times of the future", lambda: "malformed" in made.causes(FUTURE))
    if made.venue.candles:
        await made.until("the alert of trades", lambda: "trades_silent" in made.told(NO_TRADES))
        await made.until("the alert of candles", lambda: "candles_silent" in made.told(NO_CANDLES))
    synced = made.entered(DYING, "synced")
    await asyncio.sleep(
        5.0
    )  # more than a silence: it would be synced again by now if REST were a sign of life
    assert (made.state(MUTE), made.state(REFUSED)) == ("buffering", "buffering") or (
        {made.state(MUTE), made.state(REFUSED)} <= {"buffering", "broken", "resyncing"}
    )
    assert made.entered(MUTE, "synced") == made.entered(REFUSED, "synced") == 0
    assert (made.entered(DYING, "synced"), made.state(DYING) == "synced") == (synced, False)
    assert made.state(LATE) != "synced"
    assert made.of("trades_1s", FUTURE) == []
    assert made.told(WELL) == set()
    assert {"silent", "refused", "late"} <= {*made.causes(MUTE), *made.causes(REFUSED), *made.causes(LATE)}


async def mended(made: Followed, sim: SimulatorProcess) -> None:
    """When the venue does right again, so does everything here, and it is told."""
    sim.clear()
    await made.until("all books", lambda: {made.state(base) for base in BASES} == {"synced"})
    await made.until("trades", lambda: all(made.of("trades_1s", base) for base in (FUTURE, NO_TRADES)))
    if made.venue.candles:
        await made.until("candles", lambda: "candles_heard" in made.causes(NO_CANDLES))
        assert "trades_heard" in made.causes(NO_TRADES)
    over = {
        (alert.kind.value, alert.symbol) for alert in made.alerts if alert.reference.startswith("resolved")
    }
    assert {("book_stale", made.symbol(MUTE)), ("book_stale", made.symbol(DYING))} <= over
    assert not {"failed", "refused", "malformed", "unheard"} & {*made.causes(WELL)}


def test_a_venue_that_takes_few_products_a_session_gets_more_connections(
    sim: SimulatorProcess, tmp_path: Path
) -> None:
    async def story() -> None:
        made = followed(VENUES[3], sim, tmp_path)
        task = asyncio.create_task(made.stream.run())
        try:
            await made.until("all books", lambda: {made.state(base) for base in BASES} == {"synced"})
            assert len(made.stream.feed.status()) >= 3
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    sim.fault("ws_product_limit", path="level2", n=3)
    asyncio.run(story())


@pytest.mark.parametrize("venue", [VENUES[0], VENUES[3]], ids=lambda venue: venue.market)
def test_a_clock_of_ours_that_is_ahead_is_measured_told_and_breaks_nothing(
    venue: Venue, sim: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        made = followed(venue, sim, tmp_path)
        task = asyncio.create_task(made.stream.run())
        try:
            await made.until("all books", lambda: {made.state(base) for base in BASES} == {"synced"})
            await made.until("the alert", lambda: any("clock_offset" in made.told(base) for base in BASES))
            assert {made.state(base) for base in BASES} == {"synced"}
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert made.stream.session.malformed == 0
        for row in made.rows["venue_clocks"]:
            assert row["ahead_seconds"] == pytest.approx(40.0, abs=3.0)

    monkeypatch.setattr(session, "CLOCK_SECONDS", 1.0)
    sim.set_clock(datetime.now(UTC) - timedelta(seconds=40), 1.0)
    try:
        asyncio.run(story())
    finally:
        sim.set_clock(None)
