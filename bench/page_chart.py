"""The chart page in headless Chromium: 20,000 bars on the screen, and frames while one drags.

The real API serves the page and the bars of a real database. Drawn is from the bars at hand (their answer is
read) until they are painted. A drag moves the mouse every few milliseconds; what counts is how long a frame
took on average, so that 20 ms are 50 frames a second. Software rendering, as without a graphics card. Beside
them is the processor time of the browser's main thread, which others on the machine do not change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from playwright.sync_api import Page

from alphapulse_resources.database.client import Database
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database
from tests.integration.terminal_support import Terminal, a_browser, built_page

ROUNDS: Final = 5
BARS: Final = 20_000
DRAGS: Final = 120
PATIENCE_MS: Final = 60_000
_DRAWN: Final = Bar(Demand.OURS_AT_MOST, 300.0)
_FRAME: Final = Bar(Demand.OURS_AT_MOST, 20.0)
_FILL: Final = """
INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)
SELECT i.instrument_id, t, p, p + 9, p - 9, p + 4 * sin(n), 1 + n %% 7, 1, t + INTERVAL '1 minute'
FROM instruments AS i, generate_series(1, %(bars)s) AS n,
    LATERAL (
        SELECT %(end)s::timestamptz - n * INTERVAL '1 minute' AS t, 20000 + 900 * sin(n / 700.0) AS p
    ) AS m
"""
_TRACKED: Final = """
INSERT INTO instruments (venue, symbol, venue_symbol, kind, base, quote, active, tracked, tracked_at)
VALUES ('binance', 'BTC/USDT', 'BTCUSDT', 'spot', 'BTC', 'USDT', true, true, now())
"""
_FRAMES: Final = """() => {
    const times = [];
    window.counting = true;
    const count = (now) => { times.push(now); if (window.counting) requestAnimationFrame(count); };
    requestAnimationFrame(count);
    window.frames_seen = times;
}"""
_AVERAGE: Final = """() => {
    window.counting = false;
    const times = window.frames_seen;
    return (times[times.length - 1] - times[0]) / (times.length - 1);
}"""
_LONGEST: Final = """(least) => performance.getEntriesByName("chart drawn")
    .filter((entry) => entry.detail.bars >= least).map((entry) => entry.duration)"""


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """Milliseconds of drawing 20,000 bars and of a frame while dragging."""
    with _page(server) as (api, page):
        thread = MainThread(page)
        drawn, opened = _columns([_opened(api, page, thread) for _ in range(rounds)])
        near, near_work = _columns([_dragged(page, thread, wide=False) for _ in range(rounds)])
        wide, wide_work = _columns([_dragged(page, thread, wide=True) for _ in range(rounds)])
    near_name, wide_name = f"200 of {BARS:,} bars in sight", f"all {BARS:,} bars in sight"
    return [
        Figure(f"{BARS:,} bars drawn, {server.name}", "ms", drawn, bar=_DRAWN),
        Figure(f"the page opened with them, main thread, {server.name}", "ms cpu", opened),
        Figure(f"a frame of a drag, {near_name}, {server.name}", "ms", near, bar=_FRAME),
        Figure(f"a frame of a drag, {near_name}, main thread, {server.name}", "ms cpu", near_work),
        Figure(f"a frame of a drag, {wide_name}, {server.name}", "ms", wide, bar=_FRAME),
        Figure(f"a frame of a drag, {wide_name}, main thread, {server.name}", "ms cpu", wide_work),
    ]


class MainThread:
    """Processor time of the page's main thread, as Chromium counts it."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    @property
    def milliseconds(self) -> float:
        """All of it so far."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1_000 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def _columns(pairs: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(first for first, _ in pairs), tuple(second for _, second in pairs)


@contextmanager
def _page(server: Server) -> Iterator[tuple[Terminal, Page]]:
    with fresh_database(server.dsn) as dsn, a_browser() as chromium:
        database = Database(dsn)
        end = datetime.now(UTC).replace(second=0, microsecond=0)
        database.execute(_TRACKED)
        database.execute(_FILL, {"bars": BARS, "end": end})
        api = Terminal(database, built_page())
        api.start()
        try:
            page = chromium.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            yield api, page
        finally:
            api.stop()
            database.close()


def _opened(api: Terminal, page: Page, thread: MainThread) -> tuple[float, float]:
    """The first drawing of all bars in a page that is opened anew, and what all of that cost."""
    page.goto("about:blank")
    before = thread.milliseconds
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    page.goto(f"{api.url}#/chart?timeframe=1m&overlays=none&indicators=none&to={now}&bars={BARS}")
    page.wait_for_function(f"() => ({_LONGEST})({BARS}).length > 0")
    times: list[float] = page.evaluate(_LONGEST, BARS)
    if not times:
        raise BenchmarkError("the page drew no bars")
    return times[0], max(0.0, thread.milliseconds - before)


def _dragged(page: Page, thread: MainThread, *, wide: bool) -> tuple[float, float]:
    """The average frame while the chart is dragged to and fro, and what it cost."""
    page.keyboard.press("Home" if wide else "End")
    page.wait_for_timeout(500)
    box = page.locator(".chart-canvas").bounding_box()
    if box is None:
        raise BenchmarkError("there is no chart")
    middle, height = box["x"] + box["width"] / 2, box["y"] + 200
    page.mouse.move(middle, height)
    page.mouse.down()
    before = thread.milliseconds
    page.evaluate(_FRAMES)
    for step in range(DRAGS):
        page.mouse.move(middle + 400 * ((step % 40) / 20 - 1) * (1 if step % 80 < 40 else -1), height)
    average: float = page.evaluate(_AVERAGE)
    work = thread.milliseconds - before
    page.mouse.up()
    return average, work / page.evaluate("window.frames_seen.length")
