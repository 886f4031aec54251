"""REST order books: what the venue says comes unchanged, and 200 books at once bring no ban."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from venue_support import NOW

from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.messages import SnapshotQuery
from alphapulse_resources.streams.snapshots import SnapshotOptions, SnapshotQueue
from alphapulse_resources.streams.venues import ADAPTERS
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.depth import order_book_weight
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_resources.venues.registry import BUCKETS
from alphapulse_sim.book import book_at
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

KINDS = {"binance": "spot", "binanceusdm": "perpetual"}
COINS = 200
SECONDS = 90.0  # the longest a queue may take here, on a slow machine


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[SimulatorProcess]:
    """A simulator that lists 200 coins more."""
    with SimulatorProcess(extra=COINS) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: SimulatorProcess, tmp_path: Path) -> VenueClient:
    """A client whose limiter rather refuses than waits, as a stream's has to."""
    settings = Settings.model_validate({"venue_url": simulator.url, "home": tmp_path})
    return VenueClient(settings, LocalRateLimiter(max_wait=0.2))


@dataclass(frozen=True)
class Want:
    """A request for a book."""

    symbol: str
    attempt: int = 1


@dataclass
class MarketSession:
    """Stands where the books are: counts, and may ask again while it is given a book."""

    client: VenueClient
    venue: str = "binanceusdm"
    limit: int = 5
    asked: list[str] = field(default_factory=list)
    delivered: list[tuple[str, bytes]] = field(default_factory=list)
    failed: list[tuple[str, Exception]] = field(default_factory=list)
    on_book: Callable[[str], None] = lambda symbol: None

    def fetch(self, symbol: str) -> bytes:
        return self.client.order_book(self.venue, symbol, self.limit, kind=KINDS[self.venue])

    def take(self, symbol: str, body: bytes, at: float) -> None:
        self.on_book(symbol)
        self.delivered.append((symbol, body))

    def queue(self, **options: Any) -> SnapshotQueue:
        weight = order_book_weight(self.venue, self.limit)
        return SnapshotQueue(
            self.fetch,
            self.take,
            requested=lambda symbol, at: self.asked.append(symbol),
            failed=lambda symbol, error: self.failed.append((symbol, error)),
            options=SnapshotOptions(BUCKETS[self.venue], weight, **{"jitter": 0.1, **options}),
            chance=random.Random(1),
        )


def serve(queue: SnapshotQueue, *wanted: Want, until: Callable[[], bool] | None = None) -> None:
    """Run a queue until nothing is wanted any more, or `until` says so."""
    done = until or (lambda: queue.waiting == 0)

    async def run() -> None:
        running = asyncio.create_task(queue.run())
        for want in wanted:
            queue.request(want)
        async with asyncio.timeout(SECONDS):
            while not done() and not running.done():
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def times(simulator: SimulatorProcess) -> list[datetime]:
    return [datetime.fromisoformat(entry["at"]) for entry in simulator.log()]


# the client ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("venue", sorted(KINDS))
def test_a_book_is_the_venues_level_by_level(client: VenueClient, venue: str) -> None:
    body = client.order_book(venue, "BTCUSDT", 100, kind=KINDS[venue])
    snapshot = ADAPTERS[venue].decode_snapshot(SnapshotQuery("BTCUSDT", 100), body)
    market = Simulator(SimConfig(extra=COINS))
    listing = market.catalogue.find(venue, KINDS[venue], "BTCUSDT")
    assert listing is not None
    truth = book_at(market.market, listing, round(NOW.timestamp() * 1000))
    assert snapshot.last_id == truth.update_id
    for found, side in ((snapshot.bids, truth.bids.best(100)), (snapshot.asks, truth.asks.best(100))):
        assert found
        assert found == [
            (price / 10**listing.price_digits, size / 10**listing.size_digits)
            for price, size in zip(side.price.tolist(), side.size.tolist(), strict=True)
        ]


@pytest.mark.parametrize(
    ("venue", "limits"),
    [("binance", (1, 100, 101, 500, 1000, 5000)), ("binanceusdm", (5, 50, 100, 500, 1000))],
)
def test_a_book_costs_what_the_venue_counts_for_it(
    client: VenueClient, simulator: SimulatorProcess, venue: str, limits: tuple[int, ...]
) -> None:
    for limit in limits:
        client.order_book(venue, "BTCUSDT", limit, kind=KINDS[venue])
    counted = [entry["weight"] for entry in simulator.log()]
    assert counted == [order_book_weight(venue, limit) for limit in limits]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (("status", {"code": 451, "body": "restricted location"}), ErrorKind.GEO_BLOCKED),
        (("html", {}), ErrorKind.BAD_BODY),
        (("truncated", {}), ErrorKind.BAD_BODY),
        (("status", {"code": 200, "body": {"bids": [], "asks": None}}), ErrorKind.BAD_BODY),
        (("ban", {}), ErrorKind.BANNED),
    ],
    ids=["451", "html", "truncated", "no book", "ban"],
)
def test_what_is_no_book_is_an_error_of_its_kind(
    client: VenueClient, simulator: SimulatorProcess, fault: tuple[str, dict[str, Any]], kind: ErrorKind
) -> None:
    simulator.fault(fault[0], host="api.binance.com", **fault[1])
    with pytest.raises(VenueError, match="binance") as caught:
        client.order_book("binance", "BTCUSDT", 5, kind="spot")
    assert caught.value.kind is kind


def test_an_unknown_symbol_is_told_and_not_asked_again(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    with pytest.raises(VenueError) as caught:
        client.order_book("binance", "NOPEUSDT", 5, kind="spot")
    assert caught.value.kind is ErrorKind.BAD_SYMBOL
    assert len(simulator.log()) == 1


def test_a_kind_the_venue_does_not_have_is_refused(client: VenueClient, simulator: SimulatorProcess) -> None:
    with pytest.raises(ValueError, match="binance has no perpetual market"):
        client.order_book("binance", "BTCUSDT", 5, kind="perpetual")
    assert simulator.log() == []


# the queue -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_200_books_at_once_come_without_a_refusal_within_half_of_our_budget(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.set_clock(None)  # the log then has real times
    session = MarketSession(client)
    queue = session.queue()
    symbols = [f"T{number:03d}USDT" for number in range(COINS)]
    serve(queue, *map(Want, symbols), *map(Want, symbols))
    assert sorted(symbol for symbol, _ in session.delivered) == symbols
    assert (queue.counts.requested, queue.counts.delivered, queue.counts.failed) == (COINS, COINS, 0)
    log = simulator.log()
    assert [entry["status"] for entry in log] == [200] * COINS
    moments = [moment.timestamp() for moment in times(simulator)]
    options, spent = SnapshotOptions(BUCKETS[session.venue], log[0]["weight"]), 0.0
    for moment, entry in zip(moments, log, strict=True):
        spent += entry["weight"]
        slack = 4 * entry["weight"]  # requests do not travel equally fast
        assert spent <= options.burst + options.rate * (moment - moments[0]) + slack


@pytest.mark.parametrize("code", [418, 429])
def test_a_ban_halts_the_whole_queue_and_then_it_goes_on(
    client: VenueClient, simulator: SimulatorProcess, code: int
) -> None:
    simulator.set_clock(None)
    simulator.fault("status", code=code, headers={"Retry-After": "2"}, times=1, skip=2)
    session = MarketSession(client)
    symbols = [f"T{number:03d}USDT" for number in range(12)]
    serve(session.queue(at_once=1, first_back_off=0.1), *map(Want, symbols))
    assert sorted(symbol for symbol, _ in session.delivered) == symbols
    assert [entry["status"] for entry in simulator.log()] == [200, 200, code, *[200] * 10]
    assert len(session.failed) == 1
    refused, served = times(simulator)[2:4]
    assert (served - refused).total_seconds() >= 1.9  # Retry-After, less the way of the answer


def test_a_book_that_asks_again_waits_longer_each_time(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.set_clock(None)
    session = MarketSession(client)
    queue = session.queue(first_back_off=0.4)
    too_old = iter((2, 3, 4))

    def refuse(symbol: str) -> None:
        if (attempt := next(too_old, None)) is not None:
            queue.request(Want(symbol, attempt))

    session.on_book = refuse
    serve(queue, Want("BTCUSDT"))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times(simulator))]
    assert len(gaps) == 3
    assert all(gap >= least - 0.05 for gap, least in zip(gaps, (0.2, 0.4, 0.8), strict=True))


def test_a_symbol_that_fails_does_not_hold_up_the_others_and_is_tried_again(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    session = MarketSession(client)
    queue = session.queue(first_back_off=0.05, longest_back_off=0.1)
    serve(
        queue,
        *map(Want, ("NOPEUSDT", "BTCUSDT", "ETHUSDT")),
        until=lambda: len(session.failed) >= 3 and len(session.delivered) >= 2,
    )
    assert sorted(symbol for symbol, _ in session.delivered) == ["BTCUSDT", "ETHUSDT"]
    assert {symbol for symbol, _ in session.failed} == {"NOPEUSDT"}
    assert queue.waiting == 1


@pytest.mark.parametrize("where", ["fetch", "take"])
def test_whatever_goes_wrong_with_one_book_it_is_asked_for_again(
    client: VenueClient, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = MarketSession(client)
    usual, broken = getattr(session, where), iter([OSError("the database is away")])

    def fail_once(*arguments: Any) -> Any:
        for error in broken:
            raise error
        return usual(*arguments)

    monkeypatch.setattr(session, where, fail_once)
    serve(session.queue(first_back_off=0.05), Want("BTCUSDT"), Want("ETHUSDT"))
    assert sorted(symbol for symbol, _ in session.delivered) == ["BTCUSDT", "ETHUSDT"]
    assert [str(error) for _, error in session.failed] == ["the database is away"]


def test_a_cancelled_book_is_not_delivered_and_one_wanted_again_is(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("delay", seconds=0.5, symbol="BTCUSDT", times=1)
    simulator.fault("status", code=400, body={"code": -1121, "msg": "Invalid symbol."}, symbol="ETHUSDT")
    session = MarketSession(client)
    queue = session.queue(first_back_off=0.05)

    async def run() -> None:
        running = asyncio.create_task(queue.run())
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
            queue.request(Want(symbol))
        queue.cancel("SOLUSDT")
        async with asyncio.timeout(SECONDS):
            while not session.failed or len(session.asked) < 2:
                await asyncio.sleep(0.01)
            queue.cancel("BTCUSDT")
            queue.cancel("ETHUSDT")
            assert queue.waiting == 0
            while queue.counts.requested > queue.counts.failed + 1:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.7)  # the slow answer comes, and failed ones are not tried again
            assert session.delivered == []
            queue.request(Want("BTCUSDT"))
            while queue.waiting:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert [symbol for symbol, _ in session.delivered] == ["BTCUSDT"]
    assert "SOLUSDT" not in session.asked
