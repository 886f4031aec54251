"""The page Evidence, pictures of signals, and bars that look alike: in a browser, over the real API.

What other readings say is put in their place here, so that the page is held to their columns alone.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from client_market import Market
from playwright.sync_api import Browser, Page, Route, expect
from terminal_support import PATIENCE_MS, Terminal, a_browser, built_page, scrolls_sideways

import alphapulse as ap
from alphapulse_resources.database.client import Database

READINGS = {
    "signal_outcomes": "signals/outcomes",
    "signal_performance": "signals/performance",
    "signal_equity": "signals/equity",
    "score_calibration": "scores/calibration",
    "model_cards": "models/cards",
}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def terminal(stocked: tuple[str, Market]) -> Iterator[Terminal]:
    database = Database(stocked[0])
    served = Terminal(database, built_page())
    served.start()
    yield served
    served.stop()
    database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with a_browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def signal(stocked: tuple[str, Market]) -> Row:
    """The newest signal that has a plan."""
    with ap.connect(stocked[0]) as db:
        return next(row for row in reversed(db.signals("BTC/USDT", "15m").to_dicts()) if row["plan"]["stop"])


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, chromium: Browser, terminal: Terminal) -> Iterator[Page]:
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    opened.route_web_socket(re.compile("/ws$"), lambda socket: socket.close(code=1013, reason="no stream"))
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert errors == []
    assert not scrolls_sideways(opened)
    context.close()


def _answers(page: Page, told: dict[str, list[Row]]) -> None:
    """These readings are there with these rows; others of READINGS are not."""

    def catalogue(route: Route) -> None:
        body = route.fetch().json()
        others = [each for each in body["readings"] if each["name"] not in READINGS]
        own = [{"name": name, "path": f"/api/v1/{READINGS[name]}"} for name in told]
        route.fulfill(json={**body, "readings": others + own})

    page.route("**/api/v1/readings", catalogue)
    for name, rows in told.items():
        columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
        answer = {"columns": columns, "rows": len(rows), "next": None}
        page.route(f"**/api/v1/{READINGS[name]}?*", _fulfilling(answer))


def _fulfilling(answer: Row) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=answer)


def _levels(shares: dict[str, float], increasing: bool, slope: float) -> list[Row]:
    return [
        {
            "timeframe": "15m", "score": "confidence", "horizon": 10, "level": level, "place": place, "n": 90,
            "evidence": 80, "clusters": 70, "mean_score": 20.0 * place, "right_share": share,
            "right_low": share - 0.04, "right_high": share + 0.04, "paid_share": None, "base_rate": 0.5,
            "walk_right": 0.5, "walk_low": 0.47, "walk_high": 0.53, "slope": slope, "increasing": increasing,
            "note": "Right less often where it is higher.", "as_of": "2026-11-30T00:00:00Z",
        }
        for place, (level, share) in enumerate(shares.items(), 1)
    ]  # fmt: skip


def test_a_score_that_does_not_rise_is_told_so(page: Page, terminal: Terminal) -> None:
    levels = _levels({"low": 0.51, "medium": 0.46, "high": 0.4}, False, -0.05)
    _answers(page, {"score_calibration": levels})
    page.goto(f"{terminal.url}#/evidence?tab=scores")
    expect(page.get_by_text("does not rise: do not rank by it")).to_be_visible()
    diagram = page.get_by_role("img", name="Confidence: share right after 10 bars by level")
    expect(diagram.locator("circle")).to_have_count(3)
    expect(diagram.locator("rect.chance")).to_have_count(3)
    expect(page.get_by_text("Right less often where it is higher.")).to_be_visible()


def test_a_model_card_says_its_verdict_first(page: Page, terminal: Terminal) -> None:
    names = ("brier_skill", "log_loss_skill", "auc", "top_decile_bps")
    figures = {f"{name}{bound}": 0.5 for name in names for bound in ("", "_low", "_high")}
    curve = [{"said": 0.4 + n / 50, "right": 0.42, "low": 0.3, "high": 0.5, "clusters": 40} for n in range(5)]
    card = {
        "model_version": "1-abc", "horizon": 10, "kind": "table",
        "verdict": "no demonstrated predictive value",
        "chosen": "logistic", "shipped": "table", "ts": "2026-11-01T00:00:00Z",
        "known_at": "2026-11-01T06:00:00Z", "window_start": "2026-01-01T00:00:00Z",
        "untouched_from": "2026-09-01T00:00:00Z", "n": 900, "clusters": 200, "test_n": 300,
        "test_clusters": 80, "base_rate": 0.41, "shuffled_auc": 0.6, "configurations_tried": 4, "q": 0.4,
        "reliability": curve, "cost": 0.0012, "features_digest": "ab", "data_digest": "cd", **figures,
    }  # fmt: skip
    _answers(page, {"model_cards": [card]})
    page.goto(f"{terminal.url}#/evidence?tab=models")
    expect(page.get_by_text("no demonstrated predictive value")).to_be_visible()
    expect(page.get_by_role("img", name="Reliability of the model after 10 bars")).to_be_visible()


def _became(signal: Row) -> Row:
    moment = signal["ts"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "venue": signal["venue"], "symbol": signal["symbol"], "timeframe": "15m", "ts": moment,
        "signal": signal["signal"],
        "trigger": "hammer", "state": "stopped", "told_at": moment, "entry_at": moment, "entry": 100.0,
        "closed_at": moment, "exit": 99.0, "bars": 3, "net_pct": -1.12, "net_r": -1.06, "remark": None,
    }  # fmt: skip


def test_each_signal_has_its_state_and_its_picture(page: Page, terminal: Terminal, signal: Row) -> None:
    _answers(page, {"signal_outcomes": [_became(signal)], "signal_equity": []})
    page.goto(f"{terminal.url}#/evidence")
    expect(page.get_by_text("It has no reading signal_performance")).to_be_visible()
    expect(page.get_by_text("No account yet")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="\N{MINUS SIGN}1.12")
    expect(row).to_contain_text("stopped")
    row.click()
    picture = page.locator(".one-picture svg")
    expect(picture).to_be_visible()
    assert picture.locator("style").count() == 0
    assert picture.locator("line.stop, line.target, line.entry").count() == 3
    assert signal["id"] in page.url


def test_an_older_api_is_told_as_such(page: Page, terminal: Terminal) -> None:
    _answers(page, {})
    for tab, name in (("scores", "score_calibration"), ("models", "model_cards")):
        page.goto(f"{terminal.url}#/evidence?tab={tab}")
        expect(page.get_by_text(f"It has no reading {name}")).to_be_visible()


def test_bars_that_look_alike_are_found_from_the_chart(page: Page, terminal: Terminal) -> None:
    page.goto(f"{terminal.url}#/chart?symbol=BTC/USDT&venue=binance&timeframe=15m")
    page.get_by_role("button", name="Find alike").click()
    expect(page.get_by_role("heading", name=re.compile("Bars that look like the 32"))).to_be_visible()
    expect(page.locator(".alike-words")).to_contain_text("random sets of as many windows")
    assert page.locator(".alike-small figure").count() > 5
    expect(page.locator(".alike .table tbody tr")).to_have_count(4)
    page.locator(".alike").get_by_role("button", name="Close").click()
    expect(page.locator(".alike")).to_have_count(0)
