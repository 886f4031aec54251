"""The running demo in its terminal, and as Python reads and follows it; the API killed beneath both."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import Page, expect

import alphapulse as ap
from alphapulse.streaming import Snapshot, Update
from tests.e2e.conftest import Demo
from tests.e2e.running_platform import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

PAGES = {
    "market": "Market",
    "chart?symbol=BTC/USDT&venue=binance&timeframe=15m": "binance · 15m",
    "book?symbol=BTC/USDT&venue=binance": "Book of BTC/USDT",
    "derivatives": "Derivatives",
    "sentiment": "Sentiment",
    "patterns": "Patterns and signals",
    "health": "Data health",
    "alerts": "Alerts",
}


@pytest.fixture
def terminal(running: Demo) -> str:
    """Its address: the first that the demo prints once it runs."""
    found = re.search(r"Look at it: (http://\S+)", running.said())
    assert found, running.said()
    return found[1]


@pytest.fixture
def page(browser_page: Page, terminal: str, tmp_path: Path) -> Iterator[Page]:
    """The terminal's page; what it showed last is kept beside the test's other files."""
    if requests.get(terminal, timeout=30).status_code == 503:
        pytest.skip("the page is not built here: `make page` builds it")
    browser_page.goto("about:blank")
    yield browser_page
    browser_page.screenshot(path=tmp_path / "page.png")


def test_every_page_shows_the_demo_and_asks_nobody_else(page: Page, terminal: str) -> None:
    wrong: list[str] = []
    hosts: set[str] = set()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: hosts.add(re.sub(r"^\w+://([^/]+).*", r"\1", asked.url)))
    for place, words in PAGES.items():
        page.goto(f"{terminal}/#/{place}")
        expect(page.get_by_text(words).first).to_be_visible()
    page.goto(f"{terminal}/#/market")
    expect(page.get_by_role("row").filter(has_text="BTC").first).to_contain_text("binance")
    assert wrong == []
    assert hosts == {terminal.removeprefix("http://")}


def test_python_reads_the_home_and_the_api_alike_and_follows_what_comes(running: Demo, terminal: str) -> None:
    with ap.connect(running.data) as home, ap.connect(terminal) as api:
        asked = ("BTC/USDT", "1h")
        newest = home.candles(*asked, venue="binance", limit=5)
        assert newest.height == 5
        until = newest["ts"].max()
        assert api.candles(*asked, venue="binance", end=until, limit=4).equals(newest.head(4))

        async def follow() -> list[object]:
            seen: list[object] = []
            async for event in api.stream("trades", symbol="BTC/USDT", venue="binance"):
                seen.append(event)
                if isinstance(event, Update):
                    break
            return seen

        # the browser's loop runs in this thread
        with ThreadPoolExecutor(1) as thread:
            seen = thread.submit(asyncio.run, asyncio.wait_for(follow(), timeout=120)).result()
        assert any(isinstance(event, Snapshot) for event in seen)
        assert isinstance(seen[-1], Update)


def test_an_api_that_is_killed_comes_back_and_the_page_with_it(
    page: Page, running: Demo, terminal: str
) -> None:
    page.goto(f"{terminal}/#/market")
    expect(page.get_by_role("row").filter(has_text="BTC").first).to_be_visible()
    (killed,) = api_processes(running)
    killed.kill()
    killed.wait(30)

    def back() -> bool:
        try:
            return requests.get(f"{terminal}/api/v1/health", timeout=5).ok
        except requests.RequestException:
            return False

    eventually(back, "the API answers again", seconds=180)
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    eventually(
        lambda: "api answers again after" in running.said(), "its death and return are told", seconds=60
    )


def api_processes(demo: Demo) -> list[psutil.Process]:
    """The API of this demo."""
    return [each for each in demo.owned() if "api" in each.cmdline() and "--port" in each.cmdline()]
