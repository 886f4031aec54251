"""Minutes that no stream brought come from REST, validated; what REST cannot give is left to the batch."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from venue_support import BYBIT, COINBASE, NOW, SPOT, USDM, truth

from alphapulse_assets.candles.closing import CandleCloser
from alphapulse_assets.streaming.fill_in import CandleFillIn, FillInOptions
from alphapulse_resources.database.fetch_store import SOURCE_IDS
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.messages import Trade
from alphapulse_resources.streams.tables import CANDLES, Row, StreamTable
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

MINUTE = timedelta(minutes=1)
NEWEST = NOW.replace(second=0) - MINUTE
SECONDS = 60.0  # the longest a fill-in may take here, on a slow machine
SOON = FillInOptions(first_back_off=0.05, longest_back_off=0.2)


@pytest.fixture
def client(simulator: SimulatorProcess, tmp_path: Path) -> VenueClient:
    """A client whose limiter rather refuses than waits, as a stream's has to."""
    settings = Settings.model_validate({"venue_url": simulator.url, "home": tmp_path})
    return VenueClient(settings, LocalRateLimiter(max_wait=0.2))


@dataclass
class Table:
    """Where rows go."""

    rows: list[Row] = field(default_factory=list)
    filled: list[tuple[int, datetime]] = field(default_factory=list)

    def put(self, table: StreamTable, row: Row) -> None:
        assert table is CANDLES
        self.rows.append(row)

    def fill_in(self, client: VenueClient, **given: Any) -> CandleFillIn:
        return CandleFillIn(
            client,
            self.put,
            filled=lambda instrument, candle: self.filled.append((instrument.instrument_id, candle.ts)),
            **{"options": SOON, "now": lambda: NOW, "chance": random.Random(1), **given},
        )

    def frame(self) -> pl.DataFrame:
        """The rows as the writer will have them."""
        return pl.DataFrame(self.rows, schema=dict(CANDLES.columns), orient="row", strict=True)

    @property
    def minutes(self) -> list[datetime]:
        return [row[1] for row in self.rows]


def serve(fill_in: CandleFillIn, *, until: Callable[[], bool] | None = None) -> None:
    """Run it until nothing is wanted any more, or `until` says so."""
    done = until or (lambda: fill_in.waiting == 0)

    async def run() -> None:
        running = asyncio.create_task(fill_in.run())
        async with asyncio.timeout(SECONDS):
            while not done() and not running.done():
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def last(count: int, *, before: int = 0) -> list[datetime]:
    """The newest closed minutes, oldest first."""
    return [NEWEST - MINUTE * (before + number) for number in reversed(range(count))]


def expected(instrument: Instrument, minutes: Iterable[datetime]) -> list[tuple[Any, ...]]:
    """What the simulated market did in these minutes."""
    wanted = sorted(minutes)
    frame = truth(instrument, wanted[0], wanted[-1] + MINUTE)
    return frame.filter(pl.col("ts").is_in(wanted)).rows()


@pytest.mark.parametrize("instrument", [SPOT, USDM, BYBIT, COINBASE], ids=str)
def test_overdue_minutes_come_as_the_venue_has_them_in_one_request(
    client: VenueClient, simulator: SimulatorProcess, instrument: Instrument
) -> None:
    table, wanted = Table(), [*last(3, before=20), *last(4)]
    fill_in = table.fill_in(client)
    fill_in.ask(instrument, wanted[:5])
    fill_in.ask(instrument, wanted[3:])
    serve(fill_in)
    found = table.frame()
    names = ("ts", "open", "high", "low", "close", "volume")
    assert found.select(names).rows() == expected(instrument, wanted)  # and none of those between
    assert set(found["instrument_id"]) == {instrument.instrument_id}
    assert set(found["source_id"]) == {SOURCE_IDS["rest"]}
    assert set(found["received_at"]) == {NOW}
    assert table.filled == [(instrument.instrument_id, minute) for minute in found["ts"]]
    assert len(simulator.log()) == 1


def test_a_minute_the_venue_does_not_have_is_asked_for_once(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("drop_rows", host="api.coinbase.com", start=NEWEST.isoformat(), end=NOW.isoformat())
    table = Table()
    fill_in = table.fill_in(client)
    fill_in.ask(COINBASE, last(2))
    serve(fill_in)
    assert table.minutes == last(1, before=1)
    assert (fill_in.counts.filled, fill_in.counts.absent) == (1, 1)
    assert len(simulator.log()) == 1


def test_an_impossible_row_is_left_to_the_batch_and_the_others_come(
    client: VenueClient, simulator: SimulatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.fault("mutate_rows", what="high_below_low", every=3)
    table = Table()
    fill_in = table.fill_in(client)
    fill_in.ask(SPOT, last(6))
    serve(fill_in)
    assert len(table.rows) == 4
    assert (fill_in.counts.filled, fill_in.counts.refused, fill_in.counts.absent) == (4, 2, 0)
    assert "binance BTC/USDT" in caplog.text
    assert "high_below_low" in caplog.text


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("status", {"code": 429, "headers": {"Retry-After": "1"}, "times": 1}),
        ("status", {"code": 418, "headers": {"Retry-After": "1"}, "times": 1}),
        ("html", {"times": 5}),
    ],
    ids=["429", "418", "html"],
)
def test_a_failed_request_is_repeated_until_it_works(
    client: VenueClient, simulator: SimulatorProcess, kind: str, spec: dict[str, Any]
) -> None:
    simulator.fault(kind, host="fapi.binance.com", **spec)
    table = Table()
    fill_in = table.fill_in(client)
    fill_in.ask(USDM, last(3))
    serve(fill_in)
    assert table.minutes == last(3)
    assert fill_in.counts.failures >= 1


def test_where_rest_is_blocked_the_mirror_fills_in_and_the_row_says_so(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=451, host="api.binance.com")
    table = Table()
    fill_in = table.fill_in(client)
    fill_in.ask(SPOT, last(2))
    serve(fill_in)
    assert table.minutes == last(2)
    assert set(table.frame()["source_id"]) == {SOURCE_IDS["mirror"]}


def test_one_symbol_in_trouble_does_not_hold_up_another(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=503, host="api.bybit.com")
    table = Table()
    fill_in = table.fill_in(client, options=FillInOptions(at_once=1, first_back_off=0.2))
    fill_in.ask(BYBIT, last(1))
    fill_in.ask(SPOT, last(1))
    serve(fill_in, until=lambda: bool(table.rows))
    assert table.filled == [(SPOT.instrument_id, NEWEST)]


def test_after_some_time_in_vain_minutes_are_left_to_the_batch(
    client: VenueClient, simulator: SimulatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.fault("status", code=451, host="api.bybit.com")
    table, clock = Table(), [NOW]

    def now() -> datetime:
        clock[0] += timedelta(minutes=1)
        return clock[0]

    fill_in = table.fill_in(client, now=now)
    fill_in.ask(BYBIT, last(2))
    serve(fill_in)
    assert (table.rows, fill_in.counts.given_up) == ([], 2)
    assert fill_in.counts.failures > 1
    assert "bybit BTC/USDT: 2 minutes are left to the gap repair" in caplog.text


def test_a_minute_that_is_not_over_at_the_venue_is_waited_for(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    table, moments = Table(), iter([NOW] * 4)
    fill_in = table.fill_in(client, now=lambda: next(moments, NOW + MINUTE))
    fill_in.ask(SPOT, [NEWEST, NEWEST + MINUTE])
    simulator.set_clock(NOW + MINUTE)
    serve(fill_in)
    assert table.minutes == [NEWEST, NEWEST + MINUTE]
    assert len(simulator.log()) == 2


def test_a_forgotten_symbol_is_not_written(client: VenueClient, simulator: SimulatorProcess) -> None:
    simulator.fault("delay", seconds=0.3, host="api.binance.com")
    table = Table()
    fill_in = table.fill_in(client)

    async def run() -> None:
        running = asyncio.create_task(fill_in.run())
        fill_in.ask(SPOT, last(2))
        fill_in.ask(USDM, last(2))
        async with asyncio.timeout(SECONDS):
            while not simulator.log():
                await asyncio.sleep(0.01)
            fill_in.forget(SPOT.instrument_id)
            while fill_in.waiting:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert {row[0] for row in table.rows} == {USDM.instrument_id}


def test_candles_built_from_coinbases_trades_are_those_of_its_rest(client: VenueClient) -> None:
    market = Simulator(SimConfig())
    listing = market.catalogue.find("coinbase", "spot", "BTC-USD")
    assert listing is not None
    start, end = NEWEST - 59 * MINUTE, NEWEST + MINUTE
    first, over = (round(moment.timestamp() * 1000) for moment in (start, end))
    trades = market.market.trades(listing, first, over)
    closer = CandleCloser("BTC-USD", from_trades=True)
    closer.begin(first / 1000 - 5)
    built = {}
    columns = (trades.ids, trades.price, trades.size, trades.buyer_is_maker, trades.ts)
    for number, price, size, maker, ms in zip(*(column.tolist() for column in columns), strict=True):
        money, amount = price / 10**listing.price_digits, size / 10**listing.size_digits
        at = ms / 1000 + 0.03
        made = closer.on_trade(Trade("BTC-USD", str(number), money, amount, not maker, ms), at)
        built |= {closed.ts: closed for closed in [*made, *closer.on_time(at)]}
    built |= {closed.ts: closed for closed in closer.on_time(end.timestamp() + 1)}
    table = Table()
    fill_in = table.fill_in(client)
    fill_in.ask(COINBASE, [start + MINUTE * number for number in range(60)])
    serve(fill_in)
    names = ("ts", "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume")
    as_built = [tuple(getattr(candle, name) for name in names) for _, candle in sorted(built.items())]
    assert as_built == table.frame().select(names).rows()
    assert len(as_built) > 50
