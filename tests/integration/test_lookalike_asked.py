"""Lookalikes and pictures on a filled database: from Python, over the API and by the command line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from client_fixtures import api_over
from client_market import Market
from typer.testing import CliRunner

import alphapulse as ap
from alphapulse_cli.main import app
from alphapulse_resources.settings import get_settings

pytestmark = pytest.mark.filterwarnings("ignore::alphapulse.errors.MissingBarsWarning")


@pytest.fixture(scope="module")
def db(stocked: tuple[str, Market]) -> Iterator[ap.Client]:
    with ap.connect(stocked[0]) as client:
        yield client


@pytest.fixture(scope="module")
def address(stocked: tuple[str, Market]) -> Iterator[str]:
    with api_over(stocked[0]) as address:
        yield address


@pytest.fixture
def here(stocked: tuple[str, Market], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """The command line on the filled database."""
    monkeypatch.setenv("ALPHAPULSE_DSN", stocked[0])
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path))
    get_settings.cache_clear()
    yield CliRunner()
    get_settings.cache_clear()


def test_lookalikes_are_the_same_from_the_database_and_over_the_api(
    db: ap.Client, address: str, stocked: tuple[str, Market]
) -> None:
    at = stocked[1].end
    asked = {"venue": "binance", "at": at, "bars": 16, "matches": 5, "also": "ETH/USDT"}
    here = db.similar("BTC/USDT", "15m", **asked)
    assert here.table.height == 5
    assert here.end == at - timedelta(minutes=15)
    with ap.connect(address) as client:
        assert client.similar("BTC/USDT", "15m", **asked) == here
    query = {"symbol": "BTC-USDT", "timeframe": "15m", **asked, "at": at.isoformat()}
    answer = httpx.get(f"{address}/api/v1/similar", params=query).json()
    assert answer["in_words"] == here.in_words
    assert [each["distance"] for each in answer["matches"]] == here.table["distance"].to_list()
    assert answer["horizons"] == [5, 10, 20, 50]


def test_a_time_in_the_past_is_asked_as_it_was(db: ap.Client, stocked: tuple[str, Market]) -> None:
    at = stocked[1].end - timedelta(days=1, minutes=7)
    found = db.similar("BTC/USDT", "15m", venue="binance", at=at, bars=16)
    known = at - timedelta(minutes=15)
    assert known - timedelta(minutes=15) < found.end <= known
    assert all(each.end < found.start for each in found.matches)


@pytest.mark.parametrize(
    ("path", "status", "parameter", "said"),
    [
        ("similar", 422, "symbol", "missing"),
        ("similar?symbol=BTC/USDT", 422, "venue", "say which"),
        ("similar?symbol=NO/SUCH", 404, None, "not known"),
        ("similar?symbol=BTC/USDT&venue=binance&bars=x", 422, "bars", "whole number"),
        ("similar?symbol=BTC/USDT&venue=binance&bars=7", 422, "bars", "from 8"),
        ("similar?symbol=BTC/USDT&venue=binance&barz=8", 422, "barz", "did you mean bars"),
        ("similar?symbol=BTC/USDT&venue=binance&at=1999-01-01", 422, "at", "ask for fewer"),
        ("draw/signal/binance/BTC-USDT/15m/2001-01-01T00:00Z", 404, None, "there is no signal"),
        ("draw/signal/x", 422, "id", "no id of a signal"),
        ("draw/signal?symbol=BTC/USDT&venue=binance&timeframe=15m&format=gif", 422, "format", "json, svg"),
        ("draw/dog", 404, None, "signal or pattern"),
    ],
)
def test_what_cannot_be_asked_says_what_would_do(
    address: str, path: str, status: int, parameter: str | None, said: str
) -> None:
    answer = httpx.get(f"{address}/api/v1/{path}")
    assert answer.status_code == status
    body = answer.json()
    assert body.get("parameter") == parameter
    assert said in body["detail"]


def test_every_id_that_the_readings_show_is_drawn(db: ap.Client, address: str) -> None:
    signal = db.signals("BTC/USDT", "15m", venue="binance", limit=1)["id"].item()
    life = db.chart_patterns(limit=1)["id"].item()
    asked = {"symbol": "BTC/USDT", "family": "candlestick", "limit": 1, "fields": "id"}
    hammer = httpx.get(f"{address}/api/v1/patterns", params=asked).json()["columns"]["id"][0]
    for what, id in (("signal", signal), ("pattern", life), ("pattern", hammer)):
        study = db.draw(what, id).chart.study
        assert study is not None
        assert study.id == id
        assert study.became
        with ap.connect(address) as client:
            assert client.draw(what, id).chart == db.draw(what, id).chart
        told = httpx.get(f"{address}/api/v1/draw/{what}/{id}").json()
        assert told["study"]["id"] == id
        assert len(told["bars"]) > 10
        picture = httpx.get(f"{address}/api/v1/draw/{what}/{id}", params={"format": "svg"})
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.text.startswith("<svg ")


def test_the_newest_one_at_a_time_is_drawn(db: ap.Client, stocked: tuple[str, Market]) -> None:
    at = stocked[1].end - timedelta(days=1)
    study = db.draw("pattern", symbol="BTC/USDT", timeframe="15m", venue="binance", at=at).chart.study
    rows = db.patterns("BTC/USDT", "15m", venue="binance", as_of=at, limit=1)
    assert study is not None
    assert study.name == rows["pattern"].item()


def test_the_commands_print_and_write(here: CliRunner, tmp_path: Path, stocked: tuple[str, Market]) -> None:
    at = stocked[1].end.isoformat()
    asked = [
        "similar",
        "--symbol",
        "btc/usdt",
        "--venue",
        "binance",
        "--timeframe",
        "15m",
        "--at",
        at,
        "--bars",
        "16",
    ]
    printed = here.invoke(app, asked)
    assert printed.exit_code == 0
    assert "no demonstrated edge" in printed.stdout
    told = json.loads(here.invoke(app, [*asked, "--format", "json"]).stdout)
    assert len(told["matches"]) == 20
    place = ["--symbol", "BTC/USDT", "--venue", "binance", "--timeframe", "15m"]
    drawn = here.invoke(app, ["draw", "signal", *place])
    assert "entry" in drawn.stdout
    file = tmp_path / "hammer.html"
    assert here.invoke(app, ["draw", "pattern", *place, "--html", str(file)]).exit_code == 0
    assert "<svg" in file.read_text()
    refused = here.invoke(app, ["draw", "signal", "binance/BTC-USDT/15m/x"])
    assert refused.exit_code == 1
