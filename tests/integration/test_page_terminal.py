"""The terminal's pages in a browser, before the real API over a real database."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from terminal_rows import fill
from terminal_support import PATIENCE_MS, Terminal, a_browser, built_page, scrolls_sideways

from alphapulse_api.app import make_app
from alphapulse_resources.database.client import Database
from tests.databases import fresh_database

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}
PAGES = (
    ("market", "Market", "BTC"),
    ("market?rules=rsi_14 < 30 on 1h", "Market", "1 of 3 fit"),
    ("patterns", "Patterns and signals", "volume spike (15m)"),
    ("patterns?tab=forming", "Patterns and signals", "Double bottom"),
    ("patterns?tab=chance", "Patterns and signals", "above chance"),
    ("evidence", "Evidence", "Every signal, newest first"),
    ("health", "Data health", "Newest bar of each symbol and timeframe"),
    ("health?tab=gaps", "Data health", "the venue was away"),
    ("health?tab=quality", "Data health", "99.5 to 100"),
    ("health?tab=streams", "Data health", "proven"),
    ("alerts", "Alerts", "wall on the bid side"),
    ("alerts?tab=rules", "Alerts", "A new rule"),
    ("licences", "Licences", "Copyright 2023 TradingView, Inc."),
)


@pytest.fixture(scope="module")
def stored(server_dsn: str) -> Iterator[Database]:
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        fill(database)
        yield database
        database.close()


@pytest.fixture(scope="module")
def terminal(stored: Database) -> Iterator[Terminal]:
    terminal = Terminal(stored, built_page())
    terminal.start()
    yield terminal
    terminal.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        expect.set_options(timeout=PATIENCE_MS)
        yield browser


class Watched:
    """A page that remembers what went wrong and whom it asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.hosts.add(re.sub(r"^(\w+://[^/]+).*", r"\1", request.url)))


@pytest.fixture
def watched(browser: Browser, terminal: Terminal, tmp_path: Path) -> Iterator[Watched]:
    context = browser.new_context(viewport=WIDE, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield Watched(page)
    page.screenshot(path=tmp_path / "page.png")
    context.close()


def test_every_page_shows_its_data_wide_and_narrow_and_asks_nobody_else(
    watched: Watched, terminal: Terminal
) -> None:
    page = watched.page
    for place, title, text in PAGES:
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.goto(f"{terminal.url}#/{place}")
            expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
            expect(page.get_by_text(text, exact=False).first).to_be_attached()
            assert not scrolls_sideways(page), (place, size)
    assert watched.wrong == []
    assert watched.hosts == {terminal.url.rstrip("/")}


def test_the_market_tells_price_change_funding_and_how_far_to_rely_on_it(
    watched: Watched, terminal: Terminal
) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/market")
    perpetual = page.get_by_role("row").filter(has_text="perp")
    expect(perpetual).to_contain_text("+1.20")  # funding of 0.00012 in basis points
    expect(perpetual).to_contain_text("+25.0 %")  # 100 contracts, 80 a day ago
    expect(perpetual.get_by_role("img", name=re.compile("no open gaps"))).to_be_visible()
    ether = page.get_by_role("row").filter(has_text="ETH")
    expect(ether.get_by_role("img", name=re.compile("1 open gaps, 42 minutes missing"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("last 24 hours"))).to_have_count(3)


def test_rows_are_sorted_by_heads_and_walked_by_keys(watched: Watched, terminal: Terminal) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/market")
    head = page.get_by_role("columnheader", name="Last quote")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("tbody tr").first).to_contain_text("ETH")
    page.get_by_role("region", name=re.compile("^Market")).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#/chart\?symbol=ETH/USDT&venue=binance$"))


def test_a_filter_is_built_kept_in_the_address_and_saved(watched: Watched, terminal: Terminal) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/market")
    builder = page.get_by_role("form", name="Add a filter")
    builder.get_by_label("Value").fill("much")
    builder.get_by_role("button", name="Filter").click()
    expect(builder.get_by_role("alert")).to_contain_text("there is no field much")
    builder.get_by_label("Value").fill("60")
    builder.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("2 of 3 fit")).to_be_visible()
    expect(page.get_by_role("columnheader", name="rsi 14 1h")).to_be_visible()
    assert "rules=rsi_14+%3C+60+on+1h" in page.url
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Name of the filter").fill("Mine")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{terminal.url}#/market")
    page.reload()
    page.get_by_label("Saved filters").select_option("Mine")
    expect(page.get_by_text("2 of 3 fit")).to_be_visible()


def test_a_starred_symbol_is_on_a_watchlist_of_the_platform(
    watched: Watched, terminal: Terminal, stored: Database
) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/market")
    page.get_by_role("button", name="ETH/USDT at binance on Starred").click()
    page.get_by_role("tab", name="Starred 1").click()
    expect(page.get_by_text("1 of 3 fit")).to_be_visible()
    rows = stored.rows("SELECT name, symbol FROM watchlists JOIN watchlist_symbols USING (watchlist_id)"
                       " JOIN instruments USING (instrument_id)")  # fmt: skip
    assert rows == [{"name": "Starred", "symbol": "ETH/USDT"}]


def test_the_keyboard_finds_symbols_pages_and_the_other_theme(watched: Watched, terminal: Terminal) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/market")
    expect(page.get_by_role("heading", level=1, name="Market")).to_be_visible()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Symbol").fill("EHT")
    expect(page.get_by_text("Did you mean")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("symbol=ETH/USDT"))
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", level=1, name="Data health")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("go to Market")


def test_alerts_are_acknowledged_and_rules_made_where_they_can_be_read(
    watched: Watched, terminal: Terminal, stored: Database
) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/alerts")
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(page.get_by_text("✓")).to_be_visible()
    assert stored.rows("SELECT count(*) AS n FROM alert_acknowledgements") == [{"n": 1}]
    page.goto(f"{terminal.url}#/alerts?tab=rules&rules=rsi_14 < 30 on 1h; trend = up on 4h")
    condition = page.get_by_label("Condition")
    expect(condition).to_have_value('rsi_14[1h] < 30 and trend[4h] = "up"')
    page.get_by_label("Name").fill("oversold")
    condition.fill("rsi_41[1h] < 30")
    page.get_by_role("button", name="Watch").click()
    expect(page.get_by_role("alert")).to_contain_text("rsi_14")
    condition.fill("rsi_14[1h] < 30")
    page.get_by_role("button", name="Watch").click()
    expect(page.get_by_role("row").filter(has_text="oversold")).to_contain_text("all tracked")


def test_a_dead_api_leaves_data_marked_with_their_age_until_it_is_back(
    watched: Watched, terminal: Terminal
) -> None:
    page = watched.page
    page.goto(f"{terminal.url}#/health")  # all pages are fetched soon; this one for certain
    expect(page.get_by_text("At a glance")).to_be_visible()
    page.goto(f"{terminal.url}#/market")
    expect(page.get_by_role("row").filter(has_text="ETH")).to_be_visible()
    terminal.stop()
    try:
        expect(page.get_by_text(re.compile(r"As of .* UTC, .* old: the API does not answer"))).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="ETH")).to_be_visible()  # what there is stays
        expect(page.get_by_text(re.compile("^API away for"))).to_be_visible()
        page.goto(f"{terminal.url}#/health?tab=gaps")
        expect(page.get_by_role("alert")).to_contain_text("asked again until it does")
    finally:
        terminal.start()
    expect(page.get_by_text("the venue was away")).to_be_visible()
    expect(page.get_by_text("Connected")).to_be_visible()


def test_the_first_load_is_small_and_policy_names_no_host(terminal: Terminal) -> None:
    dist = built_page()
    shipped = sum(
        len(gzip.compress(each.read_bytes())) for each in dist.rglob("*.*") if each.suffix in (".js", ".css")
    )
    assert shipped <= 400_000
    response = requests.get(terminal.url, timeout=30)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "://" not in response.headers["content-security-policy"]
    notices = requests.get(f"{terminal.url}THIRD_PARTY_NOTICES.txt", timeout=30).text
    assert "preact" in notices
    assert "MIT" in notices


def test_without_a_page_it_says_how_one_comes_and_shows_it_then(stored: Database, tmp_path: Path) -> None:
    place = tmp_path / "dist"
    bare = Terminal(stored, place)
    bare.app = lambda: make_app(stored, place)
    bare.start()
    try:
        before = requests.get(bare.url, timeout=30)
        assert before.status_code == 503
        assert "make page" in before.text
        place.mkdir()
        (place / "index.html").write_text("the page")
        assert requests.get(bare.url, timeout=30).text == "the page"
    finally:
        bare.stop()
