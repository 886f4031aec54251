"""Kraken over real HTTP and a real socket: candles from both sources, books proven by every checksum."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from candle_frames import stored
from ingest_support import MakeIngest, at, gaps, ledger, minutes_in, track
from venue_support import NOW, MakeClient, assert_is_truth, candles_of, truth

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.tables import Row, StreamTable
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

KRAKEN = Instrument(6, "kraken", "BTC/USD", "BTC/USD", "spot")
LATEST = NOW.replace(second=0)
HOST = "api.kraken.com"


def asked(simulator: SimulatorProcess, path: str) -> int:
    return sum(entry["host"] == HOST and entry["path"].endswith(path) for entry in simulator.log())


def test_markets_have_the_names_of_the_socket(simulator: SimulatorProcess, make_client: MakeClient) -> None:
    found = {market.symbol: market for market in make_client().markets("kraken")}
    assert (found["BTC/USD"].venue_symbol, found["DOGE/USD"].venue_symbol) == ("BTC/USD", "DOGE/USD")
    assert (found["BTC/USD"].tick_size, found["BTC/USD"].kind) == (0.1, "spot")


def test_the_latest_candles_come_from_ohlc_without_the_fillers_of_quiet_minutes(
    simulator: SimulatorProcess, make_client: MakeClient
) -> None:
    start = LATEST - timedelta(hours=11)
    found = candles_of(make_client().candles(KRAKEN, start, NOW, now=NOW))
    expected = truth(KRAKEN, start, NOW)
    assert expected.height < 660  # some minutes are quiet
    assert_is_truth(found, expected)
    assert (asked(simulator, "OHLC"), asked(simulator, "Trades")) == (1, 0)


def test_older_candles_are_made_of_trades_and_are_the_same_to_the_last_digit(
    simulator: SimulatorProcess, make_client: MakeClient
) -> None:
    start, end = LATEST - timedelta(hours=15), LATEST - timedelta(hours=9)
    found = list(make_client().candles(KRAKEN, start, end, now=NOW))
    assert [page.source for page in found] == ["trades"] * (len(found) - 1) + ["rest"]
    assert len(found) > 2  # an answer of a thousand trades ends within a minute, which waits for the next
    assert_is_truth(candles_of(found), truth(KRAKEN, start, end))


def test_a_tape_that_is_cut_short_is_read_on(simulator: SimulatorProcess, make_client: MakeClient) -> None:
    """The same trades, whatever sources are asked and where the answers end."""
    start, end = LATEST - timedelta(minutes=40), LATEST - timedelta(minutes=5)
    client = make_client()
    taped = candles_of(client.candles(KRAKEN, start, end, sources=["trades"], now=NOW))
    listed = candles_of(client.candles(KRAKEN, start, end, sources=["rest"], now=NOW))
    columns = ["ts", "open", "high", "low", "close", "volume", "trades"]
    assert taped.select(columns).rows() == listed.select(columns).rows()
    assert (taped["taker_buy_volume"] <= taped["volume"]).all()


def test_what_kraken_refuses_with_http_200_is_understood(
    simulator: SimulatorProcess, make_client: MakeClient
) -> None:
    unknown = Instrument(7, "kraken", "NO/USD", "NO/USD", "spot")
    with pytest.raises(VenueError, match="Unknown asset pair") as caught:
        list(make_client().candles(unknown, NOW - timedelta(hours=1), NOW, now=NOW))
    assert caught.value.kind is ErrorKind.BAD_SYMBOL
    simulator.fault("status", host=HOST, code=200, body={"error": ["EAPI:Rate limit exceeded"]}, times=1)
    with pytest.raises(VenueError) as banned:
        list(make_client().candles(KRAKEN, NOW - timedelta(hours=1), NOW, now=NOW))
    assert banned.value.kind is ErrorKind.BANNED


def test_a_day_is_ingested_from_trades_with_its_silent_minutes_as_gaps(
    database: Database, make_ingest: MakeIngest
) -> None:
    """The whole way into the database; two hours of a day that candles do not reach any more."""
    instrument = track(database, replace(KRAKEN, listed_at=at(18, 22)))
    (outcome,) = make_ingest().days([instrument], [at(18).date()])
    assert outcome.error is None
    expected = truth(KRAKEN, at(18, 22), at(19))
    assert_is_truth(stored(database, instrument.instrument_id), expected)
    absent = minutes_in(gaps(database, instrument))
    assert 0 < len(absent) == 120 - expected.height
    assert [row["status"] for row in ledger(database, instrument)] == ["complete"]
    logged = database.rows("SELECT DISTINCT source, error FROM fetch_log")
    assert [tuple(row.values()) for row in logged] == [("trades", None)]
    kept = database.rows("SELECT DISTINCT source FROM ohlcv_1m JOIN sources USING (source_id)")
    assert [row["source"] for row in kept] == ["trades"]


# the socket


@dataclass
class Followed:
    """Kraken's stream, with its rows in memory."""

    stream: MarketStream
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, table: StreamTable, row: Row) -> None:
        self.rows.setdefault(table.name, []).append(dict(zip(table.columns, row, strict=False)))

    def causes(self) -> list[str]:
        return [row["cause"] for row in self.rows.get("order_book_events", [])]

    async def until(self, what: str, ready: Callable[[], bool]) -> None:
        started = time.monotonic()
        while not ready():
            assert time.monotonic() - started < 90.0, f"{what} did not come: {self.causes()}"
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def live() -> Iterator[SimulatorProcess]:
    warm_up()
    with SimulatorProcess(seed=11) as sim:
        yield sim


def followed(sim: SimulatorProcess, home: Path) -> Followed:
    settings = Settings.model_validate({"venue_url": sim.url, "home": home})
    made = Followed(None)  # type: ignore[arg-type]  # a moment later
    around = MarketContext(
        venues=VenueClient(settings, LocalRateLimiter(max_wait=5.0)),
        venue_url=sim.url,
        put=made.put,
        alert=lambda alert: None,
        recent=lambda instrument_id, bars: [],
        on_candle=lambda instrument_id, candle: None,
        options=SessionOptions(),
        run_id="run",
        shard="1-of-1",
    )
    made.stream = MarketStream("kraken", around)
    made.stream.follow([KRAKEN, Instrument(7, "kraken", "NO/USD", "NO/USD", "spot")])
    return made


def test_every_checksum_is_verified_and_a_wrong_one_costs_a_resync(
    live: SimulatorProcess, tmp_path: Path
) -> None:
    async def story() -> None:
        made = followed(live, tmp_path)
        task = asyncio.create_task(made.stream.run())
        try:
            books = made.stream.session.manager.books
            await made.until("a proven book", lambda: books["BTC/USD"].counts.applied > 20)
            book = books["BTC/USD"]
            assert (book.counts.disproved, book.counts.resyncs) == (0, 0)
            assert len(book.bids()) == len(book.asks()) == 500  # what falls out of the depth is forgotten
            live.fault("ws_checksum", path="book", symbol="BTC/USD", times=1)
            await made.until("the break", lambda: "checksum" in made.causes())
            await made.until("the resync", lambda: book.counts.resyncs == 1)
            applied = book.counts.applied
            await made.until("more of it", lambda: book.counts.applied > applied + 20)
            assert book.counts.disproved == 1
            await made.until("trades", lambda: bool(made.rows.get("trades_1s")))
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            made.stream.session.stop(time.time())

    asyncio.run(story())
