"""`alphapulse symbols`: coming, going, searching and renaming, against the simulator as the venue."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cli_support import environment, run, run_process

from alphapulse_resources.database.client import Database
from alphapulse_resources.names import printable
from alphapulse_sim.process import SimulatorProcess


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as running:
        yield running


@pytest.fixture(autouse=True)
def asked(
    dsn: str, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    simulator.clear()
    with environment(monkeypatch, tmp_path / "home", DSN=dsn, VENUE_URL=simulator.url):
        yield


def tracked() -> list[str]:
    return [row["symbol"] for row in run("symbols", "list", "-f", "json").json]


def test_an_added_symbol_is_looked_up_at_once(database: Database) -> None:
    said = run("symbols", "add", "binance", "BTC/USDT", "ETH/USDT", "--history-days", "3")
    assert said.code == 0
    assert "3 days of history" in said.out
    rows = database.rows(
        "SELECT symbol, venue_symbol, tracked, now() - history_start < '5 days' AS recent"
        " FROM instruments ORDER BY symbol"
    )
    assert rows == [
        {"symbol": "BTC/USDT", "venue_symbol": "BTCUSDT", "tracked": True, "recent": True},
        {"symbol": "ETH/USDT", "venue_symbol": "ETHUSDT", "tracked": True, "recent": True},
    ]


@pytest.mark.parametrize("wrong", ["BTCUSDT", "BTC/USDTT"])
def test_a_symbol_that_is_not_listed_gets_a_suggestion_and_none_is_added(wrong: str) -> None:
    said = run("symbols", "add", "binance", "ETH/USDT", wrong)
    assert said.code == 1
    assert f"does not list {wrong}; did you mean BTC/USDT" in said.err
    assert tracked() == []


def test_venue_and_symbols_are_known_in_any_case(database: Database) -> None:
    assert run("symbols", "add", "Binance", " btc/usdt").code == 0
    assert tracked() == ["BTC/USDT"]
    assert run("symbols", "rename", "BINANCE", "btc/usdt", "btc/usdc").code == 0
    assert run("symbols", "remove", "binance ", "btc/USDT").code == 0
    assert tracked() == []
    assert database.rows("SELECT symbol FROM instruments ORDER BY 1") == [
        {"symbol": "BTC/USDC"},
        {"symbol": "BTC/USDT"},
    ]


@pytest.mark.parametrize("name", ["BTC/\x1b[2JUSDT", "BTC/'USDT", "B\u202eTC/USDT", "BTC/" + "U" * 80])
def test_a_name_that_deceives_is_refused_wherever_one_is_made(database: Database, name: str) -> None:
    run("symbols", "add", "binance", "BTC/USDT")
    for command in (
        ("add", "binance", name),
        ("add", "binance", name, "--no-check"),
        ("rename", "binance", "BTC/USDT", name),
    ):
        said = run("symbols", *command)
        assert said.code == 1
        assert printable(said.err) == said.err
        assert "the symbol" in said.err
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        database.execute("SELECT track_symbol('binance', %(name)s)", {"name": name})
    assert database.rows("SELECT symbol FROM instruments") == [{"symbol": "BTC/USDT"}]


def test_a_symbol_is_tracked_though_the_venue_cannot_be_asked(simulator: SimulatorProcess) -> None:
    simulator.fault("status", host="api.binance.com", code=451)
    said = run("symbols", "add", "binance", "BTC/USDT")
    assert said.code == 0
    assert "cannot be asked now" in said.err
    assert "looked up as soon as" in said.out
    (row,) = run("symbols", "list", "-f", "json").json
    assert row["problem"] == "not looked up yet"


def test_unknown_venues_and_malformed_symbols_are_refused() -> None:
    said = run("symbols", "add", "bitstamp", "BTC/USD")
    assert said.code == 1
    assert "binance, binancecoinm, binanceusdm, bybit, coinbase" in said.err
    said = run("symbols", "add", "binance", "BTCUSDT", "--no-check")
    assert said.code == 1
    assert "BASE/QUOTE" in said.err


def test_a_removed_symbol_is_listed_only_on_request() -> None:
    run("symbols", "add", "binance", "BTC/USDT", "ETH/USDT")
    assert run("symbols", "remove", "binance", "ETH/USDT").code == 0
    assert tracked() == ["BTC/USDT"]
    assert [row["symbol"] for row in run("symbols", "list", "--all", "-f", "json").json] == [
        "BTC/USDT",
        "ETH/USDT",
    ]
    again = run("symbols", "remove", "binance", "ETH/USDT")
    assert again.code == 1
    assert again.err.strip() == "binance ETH/USDT is not tracked"


def test_a_renamed_symbol_names_its_successor() -> None:
    run("symbols", "add", "binance", "BTC/USDT")
    said = run("symbols", "rename", "binance", "BTC/USDT", "XBT/USDT")
    assert said.code == 0
    assert "not tracked yet" in said.err
    assert run("symbols", "list", "-f", "json").json[0]["successor"] == "XBT/USDT"
    assert run("symbols", "rename", "binance", "NOPE/USDT", "X/USDT").code == 1


def test_a_search_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALPHAPULSE_DSN")
    said = run_process("symbols", "search", "coinbase", "btc", "--format", "json")
    assert [row["venue_symbol"] for row in said.json] == ["BTC-USD"]
    assert run("symbols", "search", "coinbase", "nothing-like-it").code == 1


def test_an_empty_list_says_how_to_begin() -> None:
    assert "symbols add" in run("symbols", "list").out
