"""What people see and do in the Dagster UI: a real browser on the running demo, and what its buttons send."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from alphapulse_assets.datasets.partitions import partition_key, today
from alphapulse_resources.frames import AGGREGATED
from tests.e2e.conftest import DAYS, Demo
from tests.e2e.running_platform import RUN_SECONDS, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

CANDLES = ["ohlcv_1m", *(f"ohlcv_{timeframe}" for timeframe in AGGREGATED), "candle_gaps", "quality_scores"]
BACKFILL = """
mutation Backfill($parameters: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $parameters) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
OVER = ("SUCCESS", "FAILURE", "CANCELED")


@pytest.fixture
def page(browser_page: Page, running: Demo, tmp_path: Path) -> Iterator[Page]:
    """The page, empty; what it showed last is kept beside the test's other files."""
    browser_page.goto("about:blank")
    yield browser_page
    browser_page.screenshot(path=tmp_path / "page.png")


# what people see


def test_a_group_shows_its_graph_and_lists_every_asset(page: Page, running: Demo) -> None:
    # of a graph only what is in sight is drawn
    page.goto(f"{running.url}/locations/__repository__@alphapulse/asset-groups/candles")
    expect(page.get_by_text("ohlcv_1m", exact=True).first).to_be_visible()
    page.get_by_role("tab", name="List").click()
    for asset in CANDLES:
        expect(page.get_by_text(asset, exact=True).first).to_be_visible()
    page.goto(f"{running.url}/asset-groups")
    for group in ("instruments", "candles", "patterns", "signals"):
        expect(page.get_by_text(group, exact=True).last).to_be_visible()


def test_a_materialization_shows_its_figures_and_prices(page: Page, running: Demo) -> None:
    page.goto(f"{running.url}/assets/ohlcv_1m?view=events")
    for name in ("coverage", "open_gaps", "rows_inserted", "venue_latency_ms", "dagster/column_schema"):
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    page.get_by_text("[Show Markdown]").click()
    picture = page.locator("img[src^='data:image/png']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 300
    assert picture.evaluate("image => image.naturalHeight") > 100


def test_columns_are_explained(page: Page, running: Demo) -> None:
    page.goto(f"{running.url}/assets/ohlcv_1m?view=events")
    page.get_by_text("[Show Table Schema]").click()
    expect(page.get_by_text("Open time of the candle.")).to_be_visible()


@pytest.mark.parametrize(
    ("asset", "check"), [("ohlcv_1m", "hard_rules"), ("ohlcv_1w", "hard_rules"), ("candle_gaps", "coverage")]
)
def test_checks_have_passed(page: Page, running: Demo, asset: str, check: str) -> None:
    page.goto(f"{running.url}/assets/{asset}?view=checks")
    expect(page.get_by_text(check, exact=True).first).to_be_visible()
    # a run that is just making the check again hides its last result, but not those before
    page.get_by_role("tab", name="Execution history").click()
    expect(page.get_by_text("Passed", exact=True).first).to_be_visible()


def _number(counted: Locator) -> int:
    return int(re.sub(r"\D", "", counted.inner_text()))


def test_days_that_were_filled_are_green(page: Page, running: Demo) -> None:
    page.goto(f"{running.url}/assets/ohlcv_1m?view=partitions")
    counted = page.get_by_text(re.compile(r"^Materialized \(\d+\)$"))
    # a partition that is just being materialized again counts as that, and not as materialized
    eventually(lambda: _number(counted) >= 4 * DAYS, "each venue's days are green", seconds=RUN_SECONDS)
    expect(page.get_by_text("Failed (0)")).to_be_visible()
    page.get_by_text((today() - timedelta(days=1)).isoformat(), exact=True).first.click()
    for venue in ("binance", "binanceusdm", "bybit", "coinbase"):
        expect(page.get_by_text(venue, exact=True).first).to_be_visible()


def test_the_dialog_for_backfills_opens(page: Page, running: Demo) -> None:
    page.goto(f"{running.url}/assets/ohlcv_1m?view=partitions")
    page.get_by_role("button", name=re.compile("Materialize")).first.click()
    expect(page.get_by_text("Launch runs to materialize ohlcv_1m")).to_be_visible()
    for part in ("day", "venue", "Config", "Backfills all partitions in a single run."):
        expect(page.get_by_text(part, exact=True).last).to_be_visible()
    expect(page.get_by_role("button", name="Launch backfill")).to_be_visible()


def test_sensors_say_what_they_do_and_run(page: Page, running: Demo) -> None:
    page.goto(f"{running.url}/locations/__repository__@alphapulse/sensors/newest_candles")
    expect(page.get_by_text("Soon after each minute has closed", exact=False).first).to_be_visible()
    expect(page.locator("input[type=checkbox]").first).to_be_checked()


# what other pages do


OTHER_PAGE = """
async ([graphql, query]) => {
    const asked = `${graphql}?query=${encodeURIComponent(query)}`
    await new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = asked })
    const said = []
    const types = ["text/plain", "text/plain; application/json", "application/x-www-form-urlencoded"]
    for (const body of [JSON.stringify({query}), ""])
        for (const type of types) {
            const options = {method: "POST", mode: "no-cors", body, headers: {"Content-Type": type}}
            said.push((await fetch(asked, options)).type)
        }
    const socket = new WebSocket(graphql.replace("http", "ws"), "graphql-ws")
    said.push(await new Promise(done => {
        socket.onopen = () => done("open")
        socket.onerror = () => done("closed")
    }))
    return said
}
"""
LAUNCH_ONE = """
mutation { launchRun(executionParams: {selector: {repositoryLocationName: "alphapulse",
  repositoryName: "__repository__", jobName: "purge_refreshes"}, runConfigData: "{}"}) { __typename } }
"""


def test_a_page_of_another_site_starts_no_run_and_opens_no_socket(page: Page, running: Demo) -> None:
    def purges() -> set[str]:
        return {run["runId"] for run in running.runs(pipelineName="purge_refreshes")}

    before = purges()
    with other_site() as address:
        page.goto(address)
        said = page.evaluate(OTHER_PAGE, [f"{running.url}/graphql", LAUNCH_ONE])
    assert said == ["opaque"] * 6 + ["closed"]
    assert purges() == before
    rebound = {"Host": "rebound.example:3000"}
    assert requests.get(running.url, headers=rebound, timeout=60).status_code == 403
    assert requests.get(f"{running.url}/graphql", params={"query": LAUNCH_ONE}, timeout=60).status_code == 403
    assert purges() == before


@contextmanager
def other_site() -> Iterator[str]:
    """An empty page of another origin on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html></html>")

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


# what people do: the requests that the UI's buttons send


def minutes(demo: Demo, symbol: str, day: Any) -> int:
    (row,) = demo.rows(
        "SELECT count(*) AS n FROM ohlcv_1m JOIN instruments USING (instrument_id)"
        " WHERE venue = 'bybit' AND symbol = %(symbol)s AND ts >= %(day)s AND ts < %(day)s::date + 1",
        {"symbol": symbol, "day": day},
    )
    return int(row["n"])


def test_a_venue_day_is_materialized_for_one_symbol(running: Demo) -> None:
    day = today() - timedelta(days=DAYS + 2)
    run_id = running.launch(
        "__ASSET_JOB",
        {"dagster/partition": partition_key(day, "bybit")},
        {"ops": {"ohlcv_1m": {"config": {"symbols": ["BTC/USDT"]}}}},
        assets=["ohlcv_1m"],
    )
    eventually(lambda: running.status(run_id) in OVER, "the run is over", seconds=RUN_SECONDS)
    assert running.status(run_id) == "SUCCESS", running.messages(run_id)
    assert minutes(running, "BTC/USDT", day) > 1400
    assert minutes(running, "BTC/USDT:USDT", day) == 0


def test_a_backfill_of_days_is_one_run_with_the_config_that_was_given(running: Demo) -> None:
    days = [today() - timedelta(days=DAYS + back) for back in (5, 4)]
    answer = running.ask(
        BACKFILL,
        parameters={
            "assetSelection": [{"path": ["ohlcv_1m"]}],
            "partitionNames": [partition_key(day, "bybit") for day in days],
            "runConfigData": json.dumps({"ops": {"ohlcv_1m": {"config": {"symbols": ["BTC/USDT:USDT"]}}}}),
        },
    )["launchPartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    tag = {"key": "dagster/backfill", "value": answer["backfillId"]}
    runs = eventually(
        lambda: [run for run in running.runs(tags=[tag]) if run["status"] in OVER],
        "a run is over",
        seconds=RUN_SECONDS,
    )
    assert [run["status"] for run in runs] == ["SUCCESS"], running.messages(runs[0]["runId"])
    assert all(minutes(running, "BTC/USDT:USDT", day) > 1400 for day in days)
    assert all(minutes(running, "BTC/USDT", day) == 0 for day in days)
    batches = running.rows(
        "SELECT DISTINCT batch FROM ingest_ledger JOIN instruments USING (instrument_id)"
        " WHERE venue = 'bybit' AND day = ANY (%(days)s)",
        {"days": days},
    )
    assert [row["batch"] for row in batches] == [answer["backfillId"]]
