"""The pages Chart, Derivatives and Sentiment in a browser, over the real API and a real database."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from alphapulse_resources.database.client import Database
from tests.databases import fresh_database
from tests.integration.chart_page_rows import HOSTILE, MINUTES, fill
from tests.integration.terminal_support import PATIENCE_MS, Terminal, a_browser, built_page

CHART = "#/chart?symbol=BTC/USDT&venue=binance&timeframe=1m"
PRESENT = MINUTES - 10  # bars, without those of the gap


@pytest.fixture(scope="module")
def filled(server_dsn: str) -> Iterator[tuple[Database, datetime]]:
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        yield database, fill(database)
        database.close()


@pytest.fixture(scope="module")
def api(filled: tuple[Database, datetime]) -> Iterator[Terminal]:
    served = Terminal(filled[0], built_page())
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with a_browser() as launched:
        yield launched


@pytest.fixture
def page(chromium: Browser, api: Terminal) -> Iterator[Page]:
    """A page without a stream: each question goes to the API. No error of the page may be left behind."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Asia/Tokyo")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    opened.route_web_socket(re.compile("/ws$"), lambda socket: socket.close(code=1013, reason="no stream"))
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    hosts: set[str] = set()
    opened.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    yield opened
    assert errors == []
    assert hosts <= {f"127.0.0.1:{api.port}"}, "the page contacts no other host"
    context.close()


def _overlay(page: Page, title: str) -> Locator:
    """One of the list of overlays, which says how much of it there is."""
    return page.locator(".chart-choices label").filter(has_text=re.compile(f"^{title}"))


def _hover(page: Page, words: str) -> str:
    """Move over the chart until it tells of something; what it told."""
    place = page.locator(".chart-canvas")
    box = place.bounding_box()
    assert box is not None
    for share in range(4, 92, 2):
        page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + box["height"] * 0.3)
        tip = page.locator(".chart-tip")
        if tip.count() and words in (told := tip.inner_text()):
            return told
    raise AssertionError(f"nowhere on the chart it tells of {words!r}")


def test_the_chart_shows_bars_and_what_lies_over_them(page: Page, api: Terminal) -> None:
    page.goto(f"{api.url}{CHART}&overlays=gaps,signals,patterns,candlesticks,volume")
    expect(page.locator(".chart-standing")).to_contain_text(f"{PRESENT} bars of 1m held")
    legend = page.locator(".chart-legend").first
    expect(legend).to_contain_text("C 20,244")
    expect(legend).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"))
    page.get_by_text("Overlays", exact=False).first.click()
    for title in ("Signals", "Candlestick patterns", "Volume patterns", "Gaps"):
        expect(_overlay(page, title)).to_contain_text("1 here")
    expect(_overlay(page, "Chart patterns")).to_contain_text("2 here")  # two stages of one life


def test_a_gap_is_a_gap_with_its_reason(page: Page, api: Terminal, filled: tuple[Database, datetime]) -> None:
    end = filled[1]
    to = (end - timedelta(minutes=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    page.goto(f"{api.url}{CHART}&overlays=gaps&to={to}&bars=80")
    expect(page.locator(".chart-standing")).to_contain_text(f"{PRESENT} bars of 1m held")
    told = _hover(page, "bars missing")
    assert "10 bars missing" in told
    assert "the venue had none" in told
    assert "venue maintenance" in told


def test_the_time_machine_shows_what_was_known_and_steps_by_a_bar(
    page: Page, api: Terminal, filled: tuple[Database, datetime]
) -> None:
    moment = filled[1] - timedelta(minutes=30)
    page.goto(f"{api.url}{CHART}&as_of={moment:%Y-%m-%dT%H:%M:%SZ}")
    machine = page.locator(".time-machine")
    expect(machine).to_contain_text(f"{PRESENT - 30} bars had closed by then")
    expect(machine).to_contain_text("values that were known then")
    expect(page.locator(".chart-standing")).to_contain_text("A moment of the past")
    page.get_by_text("Overlays", exact=False).first.click()
    expect(_overlay(page, "Signals")).to_contain_text("none here")  # told 19 minutes later
    expect(_overlay(page, "Chart patterns")).to_contain_text("1 here")  # it was forming
    page.keyboard.press("Escape")
    page.locator(".chart-place").click(position={"x": 300, "y": 300})
    page.keyboard.press("ArrowRight")
    expect(machine).to_contain_text(f"{PRESENT - 29} bars had closed by then")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(machine).to_contain_text(f"{PRESENT - 31} bars had closed by then")
    assert f"as_of={moment - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}" in page.url
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator(".chart-standing")).to_contain_text(f"{PRESENT} bars of 1m held")
    expect(machine).to_have_count(0)


def test_the_address_keeps_what_is_chosen(page: Page, api: Terminal) -> None:
    page.goto(api.url + CHART)
    expect(page.locator(".chart-standing")).to_contain_text("bars of 1m held")
    page.get_by_text("Indicators", exact=False).first.click()
    page.get_by_label("MACD 12, 26, 9").check()
    expect(page).to_have_url(re.compile("indicators=ema20,ema50,rsi,macd"))
    page.reload()
    page.get_by_text("Indicators", exact=False).first.click()
    expect(page.get_by_label("MACD 12, 26, 9")).to_be_checked()
    page.keyboard.press("Escape")
    page.locator(".chart-place").click(position={"x": 300, "y": 300})
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("timeframe=5m"))


def test_a_symbol_without_bars_says_so(page: Page, api: Terminal) -> None:
    page.goto(f"{api.url}#/chart?symbol=BTC/USDT:USDT&venue=binanceusdm&timeframe=1m")
    expect(page.locator(".chart-over")).to_contain_text("No 1m bars of BTC/USDT:USDT on binanceusdm")


def test_a_dead_stream_is_told_and_bars_come_by_asking(
    page: Page, api: Terminal, filled: tuple[Database, datetime]
) -> None:
    streams: list[WebSocketRoute] = []

    def stream(socket: WebSocketRoute) -> None:
        streams.append(socket)
        if len(streams) > 1:
            socket.close(code=1013, reason="the stream is down")
            return

        def answer(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["op"] == "subscribe" and asked["channel"] == "candles":
                told = {
                    "type": "snapshot",
                    "topic": "candles",
                    "seq": 0,
                    "id": asked["id"],
                    "data": [forming],
                }
                socket.send(json.dumps(told))

        socket.on_message(answer)
        socket.send('{"type":"welcome","heartbeat_seconds":10}')

    end = filled[1]
    prices = {"open": 30_000, "high": 30_010, "low": 29_990, "close": 30_001}
    forming = {"ts": f"{end:%Y-%m-%dT%H:%M:%SZ}", **prices, "volume": 1, "closed": False}
    page.route_web_socket(re.compile("/ws$"), stream)
    page.goto(api.url + CHART)
    standing = page.locator(".chart-standing")
    expect(standing).to_contain_text("Live")
    expect(page.locator(".chart-legend").first).to_contain_text("C 30,001")
    expect(page.locator(".chart-legend").first).to_contain_text("forming")
    streams[0].close(code=1012, reason="restarting")
    expect(standing).to_contain_text("Polling:")
    expect(standing).not_to_contain_text("Live")
    _add_minute(filled[0], end)
    expect(standing).to_contain_text(f"{PRESENT + 1} bars of 1m held")
    expect(page.locator(".chart-legend").first).to_contain_text("C 31,000")
    filled[0].execute("DELETE FROM ohlcv_1m WHERE close = 31000")


def _add_minute(database: Database, end: datetime) -> None:
    """The minute after the newest one closes, long ago enough."""
    database.execute(
        "INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)"
        " SELECT instrument_id, %(end)s, 31000, 31000, 31000, 31000, 1, 1, now() FROM instruments"
        " WHERE symbol = 'BTC/USDT'",
        {"end": end},
    )


def test_a_dead_api_leaves_the_bars_and_says_how_old_they_are(page: Page, api: Terminal) -> None:
    page.goto(api.url + CHART)
    standing = page.locator(".chart-standing")
    expect(standing).to_contain_text(f"{PRESENT} bars of 1m held")
    api.stop()
    expect(standing).to_contain_text("Stale: the API does not answer")
    expect(standing).to_contain_text(f"{PRESENT} bars of 1m held")
    api.start()
    expect(standing).not_to_contain_text("Stale")


def test_derivatives_show_positions_funding_and_options(page: Page, api: Terminal) -> None:
    page.goto(f"{api.url}#/derivatives")
    figures = page.locator(".figures").first
    expect(figures).to_contain_text("20,500")
    expect(figures).to_contain_text("+0.0300 %")
    expect(page.get_by_role("img", name=re.compile("Open interest and price"))).to_be_visible()
    heat = page.locator(".heat canvas")
    heat.hover(position={"x": 1100, "y": 33})  # the last settlement's neighbour: the forecast
    expect(page.locator(".heat .chart-tip")).to_contain_text("Longs pay shorts")
    expect(page.locator(".heat .chart-tip")).to_contain_text("UTC")
    expect(page.locator("body")).to_contain_text("21,000")  # max pain
    expect(page.locator("body")).to_contain_text("This venue told no ratios in this range")


def test_sentiment_shows_texts_as_texts_and_what_is_not_told_from_nothing(page: Page, api: Terminal) -> None:
    page.goto(f"{api.url}#/sentiment?symbol=BTC/USDT&venue=binance")
    news = page.locator(".news")
    expect(news).to_contain_text(HOSTILE)
    expect(news.locator("img")).to_have_count(0)
    assert page.title() != "owned"
    expect(news.locator(".news-item.bad")).to_have_count(1)
    expect(news.locator(".news-item.unknown")).to_contain_text("not scored")
    assert news.locator("a").first.get_attribute("rel") == "noreferrer noopener"
    expect(page.locator(".figures").first).to_contain_text("not known")
    expect(page.locator(".fear-now")).to_contain_text("23")
    expect(page.locator(".regimes")).to_contain_text("falling")
    heat = page.locator(".heat canvas")
    box = heat.bounding_box()
    assert box is not None
    heat.hover(position={"x": box["width"] - 20, "y": 33})
    expect(page.locator(".heat .chart-tip")).to_contain_text("The interval holds 0")
    heat.hover(position={"x": 190 + (box["width"] - 190) / 2, "y": 33})
    expect(page.locator(".heat .chart-tip")).to_contain_text("The interval leaves 0 out")


@pytest.mark.parametrize("place", ["chart", "derivatives", "sentiment"])
def test_pages_fit_a_narrow_window(page: Page, api: Terminal, place: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{api.url}#/{place}")
    expect(page.locator("h1, .chart-standing").first).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    wide = page.evaluate(
        "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
    )
    assert wide <= 0
