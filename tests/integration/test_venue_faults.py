"""Over real sockets: what a client makes of each way in which a venue can fail."""

import hashlib
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from venue_support import BYBIT, COINBASE, NOW, SPOT, USDM, MakeClient, assert_is_truth, candles_of, truth

from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.gateway import ATTEMPTS
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Instrument, VenueError
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

START = datetime(2024, 3, 18, 3, tzinfo=UTC)
END = START + timedelta(hours=2)
DAY = datetime(2024, 3, 12, tzinfo=UTC)


def ask(client: VenueClient, instrument: Instrument, *sources: str) -> list[CandlePage]:
    return list(client.candles(instrument, START, END, sources=sources or None, now=NOW))


def ask_day(client: VenueClient) -> list[CandlePage]:
    return list(client.candles(SPOT, DAY, DAY + timedelta(days=1), now=NOW))


def failures(pages: list[CandlePage]) -> list[tuple[str, int | None, str]]:
    """Source, status and kind of each request that failed on the way to the pages."""
    fetches = [fetch for page in pages for fetch in page.fetches]
    return [(f.source, f.http_status, f.error_kind) for f in fetches if f.error_kind is not None]


@pytest.mark.parametrize("instrument", [SPOT, USDM, BYBIT, COINBASE], ids=str)
@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (("html", {}), 200, "bad_body"),
        (("truncated", {}), 200, "bad_body"),
        (("status", {"code": 503, "body": {"code": -1, "msg": "busy"}}), 503, "venue_down"),
        (("status", {"code": 502, "body": "<html>"}), 502, "venue_down"),
        (("reset", {}), None, "venue_down"),
    ],
    ids=["html", "truncated", "503", "502", "reset"],
)
def test_a_passing_fault_is_retried_and_recorded(
    client: VenueClient,
    simulator: SimulatorProcess,
    instrument: Instrument,
    fault: tuple[str, dict[str, Any]],
    status: int | None,
    kind: str,
) -> None:
    simulator.fault(fault[0], times=1, **fault[1])
    pages = ask(client, instrument, "rest")
    assert failures(pages) == [("rest", status, kind)]
    assert_is_truth(candles_of(pages), truth(instrument, START, END))


def test_a_timeout_is_retried(make_client: MakeClient, simulator: SimulatorProcess) -> None:
    client = make_client(http_timeout_seconds=0.3)
    simulator.fault("delay", seconds=1.0, times=1, host="api.binance.com")
    pages = ask(client, SPOT, "rest")
    assert failures(pages) == [("rest", None, "timeout")]
    assert_is_truth(candles_of(pages), truth(SPOT, START, END))


@pytest.mark.parametrize(
    ("instrument", "code", "headers"),
    [
        (SPOT, 429, {"Retry-After": "1"}),
        (SPOT, 418, {"Retry-After": "1"}),
        (COINBASE, 429, {}),
    ],
    ids=["binance 429", "binance 418", "coinbase 429 without a time"],
)
def test_a_short_ban_is_waited_out(
    client: VenueClient,
    simulator: SimulatorProcess,
    rate_limit_dsn: str,
    instrument: Instrument,
    code: int,
    headers: dict[str, str],
) -> None:
    simulator.fault("status", code=code, headers=headers, times=1)
    pages = ask(client, instrument, "rest")
    assert failures(pages) == [("rest", code, "banned")]
    assert_is_truth(candles_of(pages), truth(instrument, START, END))
    refused, served = (fetch.started_at for fetch in pages[0].fetches[:2])
    with psycopg.connect(rate_limit_dsn) as connection:
        row = connection.execute(
            "SELECT blocked_until > %s, blocked_until <= %s, reason FROM rate_limits WHERE bucket = %s",
            (refused, served, instrument.venue),
        ).fetchone()
    assert row is not None
    assert row[:2] == (True, True)  # nobody asked before the ban was over
    assert str(code) in row[2]


def test_a_long_ban_stops_every_client_of_the_machine_at_once(
    make_client: MakeClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=418, headers={"Retry-After": "900"}, times=1, host="fapi.binance.com")
    with pytest.raises(VenueError) as first:
        ask(make_client(), USDM, "rest")
    with pytest.raises(VenueError) as second:
        ask(make_client(), USDM, "rest")
    for caught in (first, second):
        assert caught.value.kind is ErrorKind.BANNED
        assert caught.value.retry_after == pytest.approx(900, abs=10)
    assert len(first.value.fetches) == 1
    assert second.value.fetches == []
    assert len(simulator.log()) == 1


def test_bybit_says_too_much_with_status_200(client: VenueClient, simulator: SimulatorProcess) -> None:
    reset = str(round(datetime.now(UTC).timestamp() * 1000) + 1000)
    body = {"retCode": 10006, "retMsg": "Too many visits.", "result": {}}
    simulator.fault("status", code=200, body=body, headers={"X-Bapi-Limit-Reset-Timestamp": reset}, times=1)
    pages = ask(client, BYBIT)
    assert failures(pages) == [("rest", 200, "banned")]
    assert_is_truth(candles_of(pages), truth(BYBIT, START, END))


@pytest.mark.parametrize("code", [451, 403])
def test_a_geo_block_goes_to_the_mirror_without_a_retry_and_is_remembered(
    client: VenueClient, simulator: SimulatorProcess, code: int
) -> None:
    simulator.fault("status", code=code, host="api.binance.com", body="restricted location")
    pages = [*ask(client, SPOT), *ask(client, SPOT)]
    assert {page.source for page in pages} == {"mirror"}
    assert failures(pages) == [("rest", code, "geo_blocked")]
    assert_is_truth(candles_of(pages[:1]), truth(SPOT, START, END))
    hosts = [entry["host"] for entry in simulator.log()]
    assert hosts == ["api.binance.com", "data-api.binance.vision", "data-api.binance.vision"]


def test_where_all_hosts_are_blocked_the_archive_serves_the_days_that_are_over(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    for host in ("api.binance.com", "data-api.binance.vision", "fapi.binance.com"):
        simulator.fault("status", code=451, host=host)
    for instrument in (SPOT, USDM):
        pages = ask(client, instrument)
        assert {page.source for page in pages} == {"archive"}
        assert_is_truth(candles_of(pages), truth(instrument, START, END, archived=True))


def test_when_every_source_fails_the_error_names_all_of_them_and_keeps_the_record(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=451, host="api.binance.com")
    simulator.fault("html", host="data-api.binance.vision")
    simulator.fault("status", code=404, host="data.binance.vision")
    with pytest.raises(VenueError) as caught:
        ask(client, SPOT)
    error = caught.value
    assert error.kind is ErrorKind.GEO_BLOCKED
    for part in ("binance BTC/USDT [2024-03-18 03:00, 2024-03-18 05:00)", "rest (geo_blocked)"):
        assert part in str(error)
    for part in ("mirror (bad_body)", "archive (not_published)", "use another source or another network"):
        assert part in str(error)
    assert [fetch.source for fetch in error.fetches] == ["rest", *["mirror"] * ATTEMPTS, "archive"]


def test_pages_before_a_failure_stay_valid(client: VenueClient, simulator: SimulatorProcess) -> None:
    simulator.fault("status", code=451, host="api.coinbase.com", skip=2)
    pages: list[CandlePage] = []
    with pytest.raises(VenueError, match=r"\[2024-03-18 13:00, 2024-03-19 03:00\)"):
        pages.extend(client.candles(COINBASE, START, START + timedelta(days=1), now=NOW))
    assert_is_truth(candles_of(pages), truth(COINBASE, START, START + timedelta(hours=10)))


def test_a_source_that_fails_midway_is_followed_by_the_next_from_there(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=451, host="api.binance.com", skip=1)
    end = START + timedelta(hours=20)
    pages = list(client.candles(SPOT, START, end, sources=["rest", "mirror"], now=NOW))
    assert [page.source for page in pages] == ["rest", "mirror"]
    assert_is_truth(candles_of(pages), truth(SPOT, START, end))


def test_a_venue_that_stays_down_is_left_alone_after_some_failures(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("status", code=503, host="api.bybit.com")
    errors = []
    for _ in range(3):
        with pytest.raises(VenueError) as caught:
            ask(client, BYBIT)
        errors.append(caught.value)
    assert [error.kind for error in errors] == [ErrorKind.VENUE_DOWN] * 3
    assert [len(error.fetches) for error in errors] == [ATTEMPTS, 1, 0]
    assert errors[-1].retry_after is not None
    assert "next try in" in str(errors[-1])
    assert len(simulator.log()) == ATTEMPTS + 1


def test_a_host_that_refuses_connections_is_a_venue_down(make_client: MakeClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(VenueError) as caught:
            ask(make_client(venue_url=url), COINBASE)
    assert caught.value.kind is ErrorKind.VENUE_DOWN
    assert "coinbase BTC/USD" in str(caught.value)


@pytest.mark.parametrize("instrument", [SPOT, USDM, BYBIT, COINBASE], ids=str)
@pytest.mark.parametrize(
    ("what", "reason"),
    [("null", "is not a number"), ("text_price", "'n/a' is not a number"), ("misaligned", "whole minute")],
)
def test_broken_rows_become_rejects_and_the_others_stay(
    client: VenueClient, simulator: SimulatorProcess, instrument: Instrument, what: str, reason: str
) -> None:
    simulator.fault("mutate_rows", what=what, every=4)
    pages = ask(client, instrument, "rest")
    rejects = [reject for page in pages for reject in page.rejects]
    whole = truth(instrument, START, END)
    good = candles_of(pages)
    assert len(rejects) + good.height == whole.height
    assert len(rejects) == -(-whole.height // 4)
    assert {reason in reject.reason for reject in rejects} == {True}
    assert {reject.ts is not None for reject in rejects} == {what == "misaligned"}
    assert_is_truth(good, whole.join(good.select("ts"), on="ts", how="semi"))


@pytest.mark.parametrize(
    ("what", "reason"), [("extra_column", "fields, not"), ("future", "outside the window")]
)
def test_rows_of_another_shape_or_window_become_rejects(
    client: VenueClient, simulator: SimulatorProcess, what: str, reason: str
) -> None:
    simulator.fault("mutate_rows", what=what, every=10)
    (page,) = ask(client, SPOT, "rest")
    assert len(page.rejects) == 12
    assert all(reason in reject.reason for reject in page.rejects)
    assert page.candles.height == truth(SPOT, START, END).height - 12


def test_an_answer_without_rows_is_a_page_without_rows(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("empty", host="api.binance.com")
    (page,) = ask(client, SPOT, "rest")
    assert (page.start, page.end, page.candles.height, page.rejects) == (START, END, 0, [])


def test_a_wrong_checksum_is_asked_again_once(client: VenueClient, simulator: SimulatorProcess) -> None:
    simulator.fault("checksum_mismatch", times=1)
    (page,) = ask_day(client)
    assert page.source == "archive"
    assert failures([page]) == [("archive", 200, "checksum")]
    assert_is_truth(page.candles, truth(SPOT, DAY, DAY + timedelta(days=1), archived=True))


def test_an_archive_whose_checksum_stays_wrong_is_not_used(
    client: VenueClient, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    simulator.fault("checksum_mismatch")
    pages = ask_day(client)
    assert {page.source for page in pages} == {"rest"}
    assert failures(pages) == [("archive", 200, "checksum")] * 2
    assert_is_truth(candles_of(pages), truth(SPOT, DAY, DAY + timedelta(days=1)))
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_corrupt_zip_is_not_what_its_checksum_says(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("corrupt_zip")
    pages = ask_day(client)
    assert {page.source for page in pages} == {"rest"}
    assert failures(pages) == [("archive", 200, "checksum")] * 2


def test_an_archive_that_cannot_be_read_is_not_kept(
    client: VenueClient, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    page = "<html>not a zip</html>"
    simulator.fault("status", code=200, path=".CHECKSUM", body=hashlib.sha256(page.encode()).hexdigest())
    simulator.fault("status", code=200, path=".zip", body=page)
    pages = ask_day(client)
    assert {page.source for page in pages} == {"rest"}
    assert failures(pages) == [("archive", 200, "bad_body")]
    assert list((tmp_path / "cache").rglob("*.zip*")) == []


def test_a_venue_whose_clock_is_behind_gives_no_forming_candle(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    now = datetime.now(UTC)
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=10)
    venue_now = start + timedelta(minutes=7, seconds=30)
    opens = [round(start.timestamp() * 1000) + 60_000 * minute for minute in range(8)]
    rows = [[ts, "1", "1", "1", "1", "1", ts + 59_999, "1", 1, "1", "1", "0"] for ts in opens]
    headers = {"Date": format_datetime(venue_now, usegmt=True)}
    simulator.fault("status", code=200, body=rows, headers=headers)
    (page,) = client.candles(SPOT, start, now + timedelta(minutes=1), sources=["rest"])
    assert (page.start, page.end) == (start, start + timedelta(minutes=7))
    assert (page.candles.height, page.rejects) == (7, [])


def test_a_cached_archive_is_used_while_its_checksum_is_the_published_one(
    client: VenueClient, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    def downloads() -> int:
        return sum(entry["path"].endswith(".zip") for entry in simulator.log())

    (first,) = ask_day(client)
    (again,) = ask_day(client)
    assert downloads() == 1
    assert again.candles.equals(first.candles)
    (file,) = (tmp_path / "cache").rglob("*.zip")
    file.write_bytes(b"damaged on disk")
    (repaired,) = ask_day(client)
    assert downloads() == 2
    assert repaired.candles.equals(first.candles)
    file.with_name(file.name + ".sha256").write_text("0" * 64)  # as if it had been published anew
    ask_day(client)
    assert downloads() == 3


def test_without_a_way_to_the_publisher_a_proved_file_on_disk_is_used(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    (first,) = ask_day(client)
    simulator.fault("status", code=503, host="data.binance.vision")
    (again,) = ask_day(client)
    assert again.source == "archive"
    assert again.candles.equals(first.candles)
    assert failures([again]) == [("archive", 503, "venue_down")] * ATTEMPTS


def test_a_list_of_markets_that_is_none_is_refused(client: VenueClient, simulator: SimulatorProcess) -> None:
    simulator.fault("html", host="api.binance.com")
    with pytest.raises(VenueError, match="binance markets") as caught:
        client.markets("binance")
    assert caught.value.kind is ErrorKind.BAD_BODY


def test_others_on_the_same_address_make_us_stop_before_the_ban(
    client: VenueClient, simulator: SimulatorProcess, rate_limit_dsn: str
) -> None:
    simulator.spend("fapi.binance.com", 2390)
    ask(client, USDM, "rest")
    with psycopg.connect(rate_limit_dsn) as connection:
        row = connection.execute(
            "SELECT reason, blocked_until > 'epoch' FROM rate_limits WHERE bucket = 'binanceusdm'"
        ).fetchone()
    assert row is not None
    assert row == ("the venue counts 2392 of 2400 used", True)
