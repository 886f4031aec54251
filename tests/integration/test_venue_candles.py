"""Over real sockets: any window gives exactly the market's closed candles, from every venue and source."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from venue_support import (
    BYBIT,
    COINBASE,
    LINEAR,
    NOW,
    SPOT,
    USDM,
    MakeClient,
    assert_is_truth,
    candles_of,
    truth,
)

from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def at(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("instrument", [SPOT, USDM, BYBIT, LINEAR, COINBASE], ids=str)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(18, 3, 7), at(18, 3, 8)),
        (at(18, 22, 1), at(19, 15, 41)),
        (NOW - timedelta(hours=6), NOW + DAY),
    ],
    ids=["one minute", "over midnight", "up to now"],
)
def test_rest_pages_are_exactly_the_markets_candles(
    client: VenueClient, instrument: Instrument, start: datetime, end: datetime
) -> None:
    pages = list(client.candles(instrument, start, end, sources=["rest"], now=NOW))
    assert {page.source for page in pages} == {"rest"}
    assert [reject for page in pages for reject in page.rejects] == []
    assert pages[-1].end == min(end, NOW.replace(second=0))
    found = candles_of(pages)
    assert found.schema == CANDLE_SCHEMA
    assert_is_truth(found, truth(instrument, start, end))


@pytest.mark.parametrize("instrument", [SPOT, USDM], ids=str)
def test_binance_tells_quote_volume_trades_and_taker_volume_from_both_sources(
    client: VenueClient, instrument: Instrument
) -> None:
    start, end = at(12), at(13)
    rest = candles_of(client.candles(instrument, start, end, sources=["rest"], now=NOW))
    archive = candles_of(client.candles(instrument, start, end, sources=["archive"], now=NOW))
    assert archive.null_count().sum_horizontal().item() == 0
    assert rest.equals(archive.filter(pl.col("ts").is_in(rest["ts"].implode())))


def test_a_long_window_comes_from_month_day_and_rest_in_pages_of_at_most_a_day(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    start, end = at(20, 5, month=2), NOW
    pages = list(client.candles(SPOT, start, end, now=NOW))
    assert pages[0].start == start
    assert max(page.end - page.start for page in pages) == DAY
    assert [page.source for page in pages] == ["archive"] * 29 + ["rest"]
    # each once, however often it was asked for: a month takes the simulator seconds to make
    paths = {entry["path"] for entry in simulator.log() if entry["host"] == "data.binance.vision"}
    assert sum("/monthly/" in path for path in paths) == 2  # the file and its checksum
    assert sum("/daily/" in path for path in paths) == 2 * 19
    found = candles_of(pages)
    assert_is_truth(found.filter(pl.col("ts") < at(20)), truth(SPOT, start, at(20), archived=True))
    assert_is_truth(found.filter(pl.col("ts") >= at(20)), truth(SPOT, at(20), end))


def test_days_not_yet_published_come_by_rest(client: VenueClient, simulator: SimulatorProcess) -> None:
    now = at(20, 1)  # the simulator publishes a day at 02:00
    simulator.set_clock(now)
    pages = list(client.candles(SPOT, at(18), now, now=now))
    assert [page.source for page in pages][:2] == ["archive", "rest"]
    missing = [fetch for page in pages for fetch in page.fetches if fetch.error_kind == "not_published"]
    assert [fetch.window_start for fetch in missing] == [at(19)]
    assert candles_of(pages)["ts"][-1] == now - MINUTE


def test_a_month_not_yet_published_comes_by_days(client: VenueClient, simulator: SimulatorProcess) -> None:
    now = at(1, 12, month=4)  # the simulator publishes a month on the second
    simulator.set_clock(now)
    pages = list(client.candles(USDM, at(22), at(1, month=4), now=now))
    assert {page.source for page in pages} == {"archive"}
    paths = [entry["path"] for entry in simulator.log()]
    assert sum("/monthly/" in path for path in paths) == 1
    assert pages[0].fetches[0].error_kind == "not_published"
    assert candles_of(pages).height > 9 * 1400


@pytest.mark.parametrize(
    "day", [at(31, month=1) - timedelta(days=700), datetime(2025, 2, 1, tzinfo=UTC)], ids=str
)
@pytest.mark.parametrize("instrument", [SPOT, USDM], ids=str)
def test_archives_of_every_age_are_read(
    client: VenueClient, simulator: SimulatorProcess, instrument: Instrument, day: datetime
) -> None:
    simulator.set_clock(datetime(2025, 3, 1, tzinfo=UTC))
    (page,) = client.candles(
        instrument, day, day + DAY, sources=["archive"], now=datetime(2025, 3, 1, tzinfo=UTC)
    )
    assert page.rejects == []
    assert page.candles.height > 1400
    assert page.candles["ts"][0] == day
    assert page.fetches[-1].checksum is not None


def test_a_short_window_leaves_the_archive_alone(client: VenueClient, simulator: SimulatorProcess) -> None:
    pages = list(client.candles(SPOT, at(18, 3), at(18, 9), now=NOW))
    assert {page.source for page in pages} == {"rest"}
    assert {entry["host"] for entry in simulator.log()} == {"api.binance.com"}


def test_pages_are_independent_so_a_killed_run_goes_on_where_it_stopped(client: VenueClient) -> None:
    start, end = at(15, 7), NOW
    killed = []
    for page in client.candles(SPOT, start, end, now=NOW):
        killed.append(page)
        if len(killed) == 3:
            break
    resumed = [*killed, *client.candles(SPOT, killed[-1].end, end, now=NOW)]
    whole = candles_of(client.candles(SPOT, start, end, now=NOW))
    # the short rest of a day may come from another source, which then has what REST lacks
    assert candles_of(resumed).equals(whole)


def test_before_its_listing_a_symbol_has_pages_without_rows(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    now = at(20, month=10)
    simulator.set_clock(now)
    pol = Instrument(9, "binance", "POL/USDT", "POLUSDT", "spot")  # listed in September
    pages = list(client.candles(pol, at(1, month=8), at(3, month=8), now=now))
    assert [(page.source, page.candles.height) for page in pages] == [("rest", 0)] * 4
    assert (pages[0].start, pages[-1].end) == (at(1, month=8), at(3, month=8))


def test_an_unknown_symbol_is_named_with_window_and_advice(client: VenueClient) -> None:
    nobody = replace(SPOT, symbol="NO/BODY", venue_symbol="NOBODY")
    with pytest.raises(VenueError) as caught:
        list(client.candles(nobody, at(18, 3), at(18, 4), sources=["rest"], now=NOW))
    assert caught.value.kind is ErrorKind.BAD_SYMBOL
    assert "binance NO/BODY [2024-03-18 03:00, 2024-03-18 04:00)" in str(caught.value)
    assert "refresh the instruments" in str(caught.value)
    assert [(fetch.http_status, fetch.error_kind) for fetch in caught.value.fetches] == [(400, "bad_symbol")]


def test_nothing_is_asked_for_an_empty_or_future_window(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    assert list(client.candles(SPOT, NOW, NOW + DAY, now=NOW)) == []
    assert list(client.candles(SPOT, at(18), at(17), now=NOW)) == []
    assert simulator.log() == []


def test_a_source_the_instrument_does_not_have_is_refused(client: VenueClient) -> None:
    with pytest.raises(ValueError, match="bybit BTC/USDT has no source archive: use some of rest"):
        client.candles(BYBIT, at(18), at(19), sources=["archive"], now=NOW)


def test_every_request_is_on_record(client: VenueClient) -> None:
    (page,) = client.candles(SPOT, at(18, 3), at(18, 4), sources=["rest"], now=NOW)
    (fetch,) = page.fetches
    assert (fetch.source, fetch.url) == ("rest", "api.binance.com/api/v3/klines")
    assert (fetch.window_start, fetch.window_end) == (at(18, 3), at(18, 4))
    assert (fetch.http_status, fetch.weight, fetch.used_weight, fetch.rows) == (
        200,
        2,
        2.0,
        page.candles.height,
    )
    assert (fetch.error_kind, fetch.error, fetch.checksum) == (None, None, None)


def test_usdm_pages_have_the_cheapest_size(client: VenueClient, simulator: SimulatorProcess) -> None:
    list(client.candles(USDM, at(18), at(19), sources=["rest"], now=NOW))
    asked = [(entry["query"]["limit"], entry["weight"]) for entry in simulator.log()]
    assert asked == [("499", 2), ("499", 2), ("442", 2)]


@pytest.mark.parametrize(
    ("venue", "kinds"),
    [
        ("binance", {"spot"}),
        ("binanceusdm", {"perpetual"}),
        ("bybit", {"spot", "perpetual"}),
        ("coinbase", {"spot"}),
    ],
)
def test_markets_are_what_the_venue_lists(client: VenueClient, venue: str, kinds: set[str]) -> None:
    markets = client.markets(venue)
    assert {market.kind for market in markets} == kinds
    (bitcoin,) = (m for m in markets if m.base == "BTC" and m.kind == min(kinds))
    assert bitcoin.venue_symbol in {"BTCUSDT", "BTC-USD"}
    assert bitcoin.active
    assert 0 < (bitcoin.tick_size or 0) < 1
    assert 0 < (bitcoin.lot_size or 0) < 1


def test_a_listing_date_is_told_where_the_venue_tells_it(client: VenueClient) -> None:
    (bitcoin,) = (market for market in client.markets("binanceusdm") if market.base == "BTC")
    assert bitcoin.listed_at == datetime(2019, 9, 25, tzinfo=UTC)
    assert bitcoin.delisted_at is None


def test_yahoo_is_asked_only_where_the_settings_allow_it(
    make_client: MakeClient, simulator: SimulatorProcess
) -> None:
    assert make_client().sources(SPOT) == ("archive", "rest", "mirror")
    allowed = make_client(yahoo_enabled=True)
    assert allowed.sources(COINBASE) == ("rest", "yahoo")
    simulator.set_clock(None)
    now = datetime.now(UTC)
    simulator.fault("status", host="api.coinbase.com", code=451)
    start = now.replace(second=0, microsecond=0) - timedelta(hours=2)
    pages = list(allowed.candles(COINBASE, start, now - timedelta(minutes=30)))
    assert {page.source for page in pages} == {"yahoo"}
    assert candles_of(pages).height > 60
    with pytest.raises(VenueError) as caught:
        list(make_client().candles(COINBASE, start, now))
    assert caught.value.kind is ErrorKind.GEO_BLOCKED


def test_the_cache_of_archives_holds_only_whole_files(client: VenueClient, tmp_path: Path) -> None:
    list(client.candles(SPOT, at(12), at(13), sources=["archive"], now=NOW))
    names = sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert names == ["BTCUSDT-1m-2024-03-12.zip", "BTCUSDT-1m-2024-03-12.zip.sha256"]
