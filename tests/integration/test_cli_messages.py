"""Errors at the terminal say what happened, why, and what to do next: one test for each kind."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cli_support import environment, let_analysts_in, run

from alphapulse_cli.processes import ProcessError, check_address
from alphapulse_cli.symbols import _unasked
from alphapulse_resources.postgres.diagnosis import cause_and_cure
from alphapulse_resources.venues.model import ErrorKind, VenueError
from tests.databases import fresh_database


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, server_dsn: str) -> Iterator[Path]:
    """Commands on a database with two symbols, asked by an analyst."""
    place = tmp_path_factory.mktemp("home")
    with (
        fresh_database(server_dsn) as dsn,
        pytest.MonkeyPatch.context() as patch,
        environment(patch, place, DSN=dsn),
    ):
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "SELECT track_symbol('binance', 'BTC/USDT'), track_symbol('bybit', 'ETH/USDT')"
            )
        let_analysts_in(dsn)
        yield place


def refused(*arguments: str) -> str:
    """What a command says that ends with exit code 1."""
    said = run(*arguments)
    assert said.code == 1, said.out
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize(
    ("url", "why", "next_step"),
    [
        ("postgresql://u:p@127.0.0.1:1/x", "Connection refused", "is the server up, and is the port right?"),
        ("postgresql://u:p@host.invalid:5432/x", "resolve host", "correct the host's name"),
    ],
)
def test_a_server_that_cannot_be_reached(
    url: str, why: str, next_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, tmp_path, DSN=url):
        said = refused("sql", "SELECT 1")
    assert why in said
    assert f"ALPHAPULSE_DSN names it: {next_step}" in said.replace("\n", " ")
    assert ":p@" not in said


def test_a_database_that_is_not_there(
    server_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, tmp_path, DSN=server_dsn.rpartition("/")[0] + "/no_such_database"):
        assert "CREATE DATABASE ...) and run `alphapulse migrate`" in refused("sql", "SELECT 1")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sql", "SELECT * FROM candles"), "did you mean ohlcv or candle_gaps"),
        (("sql", "SELECT symbl FROM ohlcv"), "alphapulse describe ohlcv tells its columns"),
        (("sql", "\\dt"), "alphapulse db psql, or alphapulse describe"),
        (("sql", "DELETE FROM ohlcv_1m"), "for the owner: alphapulse db psql --owner"),
        (("sql", "--query", "99"), "they are numbered 01 to "),
        (("sql", "--query", "hamers_after_down_leg"), "did you mean 42_hammers_after_a_down_leg"),
        (
            ("sql", "--file", "/no/such.sql"),
            "is not there: --file takes a file",
        ),
        (("sql", "SELECT 1", "-f", "xml"), "use table, wide, vertical, json, csv"),
        (("describe", "signal_now"), "did you mean signals_now"),
        (("export", "candels", "x.csv"), "did you mean ohlcv"),
        (("export", "instruments", "/no/folder/x.csv"), "there is no folder /no/folder: make it first"),
        (("export", "ohlcv", "x.csv", "--symbol", "BTCUSDT"), "did you mean BTC/USDT"),
        (("books", "--once", "--symbol", "ZZZ"), "no symbol has 'ZZZ' in its name; there are BTC/USDT"),
        (("books", "--once", "--venue", "binanse"), "did you mean binance"),
        (("chart", "BTCUSDT"), "did you mean BTC/USDT"),
        (("chart", "BTC/USDT", "1hr"), "did you mean 1h"),
        (("chart", "BTC/USDT"), "binance BTC/USDT has no closed 1h bars yet: `alphapulse status`"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)
def test_what_is_meant_or_done_instead_is_said(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)


@pytest.mark.usefixtures("home")
def test_an_empty_answer_says_why() -> None:
    said = run("sql", "SELECT pattern FROM pattern_performance WHERE symbol = 'BTCUSDT'")
    assert said.code == 1  # there is no such column; and with one that there is:
    said = run("sql", "SELECT verdict FROM pattern_performance")
    assert "pattern_performance is empty: computed once when the first patterns have an outcome" in said.err
    said = run("sql", "SELECT ts FROM ohlcv WHERE symbol = 'BTCUSDT'")
    assert "no symbol is called 'BTCUSDT'; did you mean BTC/USDT" in said.err
    assert run("sql", "SELECT ts FROM ohlcv WHERE false", "-f", "json").err == ""


def test_ports_and_addresses_that_can_never_be() -> None:
    with pytest.raises(ProcessError, match="99999 is no port: they go from 1 to 65535"):
        check_address("127.0.0.1", 99_999)
    with pytest.raises(ProcessError, match=r"192\.0\.2\.1 is no address of this machine .*127\.0\.0\.1"):
        check_address("192.0.2.1", 3000)
    check_address("127.0.0.1", 3000)


def test_a_simulator_whose_port_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment(monkeypatch, tmp_path), socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused("simulator", "--port", str(taken.getsockname()[1]))
    assert "Address already in use" in said
    assert "--port" in said


def test_a_home_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "file"
    home.touch()
    with environment(monkeypatch, home):
        said = refused("db", "start")
    assert "is no directory and cannot be made one" in said
    assert "set ALPHAPULSE_HOME to a directory of your own" in said.replace("\n", " ")
    assert "Log:" not in said  # there is none


def test_a_full_disk_is_not_called_damage() -> None:
    output = 'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 10\n'
    output += "HINT:  Check free disk space.\nPANIC:  cannot abort transaction 1, it was already committed"
    cause, cure = cause_and_cure(output)
    assert cause == "the disk is full"
    assert "move it away" not in cure


def test_a_venue_that_cannot_be_asked_without_a_network() -> None:
    said = "HTTPSConnectionPool(host='api.binance.com'): Max retries (Caused by NameResolutionError(...))"
    told = _unasked("binance", VenueError(ErrorKind.VENUE_DOWN, said))
    assert told.startswith("binance cannot be asked now: the name of its server cannot be resolved")
    assert "HTTPSConnection" not in told
    assert "`alphapulse demo` needs no network" in told
