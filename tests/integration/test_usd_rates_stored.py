"""Whales in USD on a real database: rates of stored candles, what a replay stores, walls as they are read."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stream_rows import MINUTE, SECOND, event, put, shown, whale

from alphapulse_assets.order_book.whales.usd import MAX_RATE_AGE, UsdRates
from alphapulse_assets.streaming.whale_settings import rates_now
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from tests.integration.cli_support import environment, run
from tests.integration.test_replay import frame, levels, write

URL = "https://api.binance.com/api/v3/depth?symbol=ETHBTC&limit=100"
START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def candle(database: Database, symbol: str, close: float, age: timedelta, *, tracked: bool = True) -> None:
    """A stored 1m candle of binance that closed so long ago."""
    key = CandleStore(database).register("binance", symbol)
    database.execute(
        "UPDATE instruments SET tracked = %(t)s WHERE instrument_id = %(k)s", {"t": tracked, "k": key}
    )
    ts = (datetime.now(UTC) - age).replace(second=0, microsecond=0) - MINUTE
    values: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), close) | {"volume": 1.0}
    put(database, "ohlcv_1m", [{"instrument_id": key, "ts": ts, **values, "source_id": 2, "received_at": ts}])


def test_rates_are_those_of_the_newest_stored_closes_of_tracked_instruments(database: Database) -> None:
    hour = timedelta(hours=1)
    candle(database, "BTC/USDT", 50_000.0, 2 * hour)
    candle(database, "BTC/USDT", 60_000.0, hour)
    candle(database, "ETH/BTC", 0.05, 3 * hour)
    candle(database, "SOL/USDT", 100.0, timedelta(seconds=MAX_RATE_AGE) + hour)
    candle(database, "XRP/USDT", 2.0, hour, tracked=False)
    rates = rates_now(database, UsdRates(given={"TRY": 0.02}))
    assert rates.of("BTC").value == 60_000.0
    assert rates.of("ETH") == (pytest.approx(3_000.0), "binance ETH/BTC, binance BTC/USDT")
    assert [rates.of(name).known for name in ("SOL", "XRP", "TRY")] == [False, False, True]
    assert rates_now(database, rates).given == {"TRY": 0.02}


def recording(tmp_path: Path) -> list[Path]:
    """ETH/BTC with a wall of 200 BTC within the 100 levels asked for, and one of 500 BTC beyond them."""
    chance, mid, tick, at = random.Random(5), 0.05, 0.000001, 1_760_000_040.0
    sides = {
        name: [(mid + sign * tick * (n + 1), 4.0 * chance.lognormvariate(0, 1)) for n in range(100)]
        for name, sign in (("bids", -1), ("asks", 1))
    }
    sides["bids"][50] = (sides["bids"][50][0], 4_000.0)
    body = ", ".join(f'"{name}": {levels(*side)}'.replace("'", '"') for name, side in sides.items())
    http = write(tmp_path / "BINANCE.http.0.0", [f'{URL} -> {at + 0.3}: {{"lastUpdateId": 1002, {body}}}'])
    lines = [f"wss://stream.binance.com:9443/stream?streams=ethbtc@depth@100ms <-> {at}"]
    for n in range(300):
        beyond = [(mid - tick * 150, 10_000.0 + n)] if n % 3 else []
        bids = levels((mid - tick * (60 + n % 30), 4.0 + n % 5), *beyond)
        lines.append(frame(at + n / 10, "ETHBTC", 1000 + n, 1000 + n, b=bids))
    return [http, write(tmp_path / "BINANCE.ws.1.0", lines)]


@pytest.mark.parametrize(("given", "worth"), [(["--usd-rate", "BTC=60000"], 12e6), ([], None)])
def test_a_replay_tells_of_whales_in_usd_by_the_rate_that_is_given_and_of_none_beyond_the_horizon(
    database: Database, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    given: list[str], worth: float | None,
) -> None:  # fmt: skip
    files = [str(file) for file in recording(tmp_path)]
    with environment(monkeypatch, tmp_path, DSN=dsn):
        for _ in range(2):
            said = run("replay", "--venue", "binance", *files, "--store", *given, "--json")
            assert said.code == 0, said.err
    appeared, ended = database.rows("SELECT * FROM whale_activities WHERE size >= 4000 ORDER BY known_at")
    assert (appeared["cause"], ended["kind"], ended["cause"]) == ("found", "wall_ended", "unknown")
    assert appeared["notional_usd"] == (None if worth is None else pytest.approx(worth, rel=0.01))
    (wall,) = shown(database, "walls", price=appeared["price"])
    assert (wall["began_with"], wall["age_at_least"]) == ("found", True)
    assert (wall["first_seen"], wall["peak_notional_usd"]) == (appeared["ts"], appeared["notional_usd"])
    assert database.rows("SELECT FROM whale_activities WHERE size >= 10000") == []


def test_a_rate_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    files = [str(file) for file in recording(tmp_path)]
    with environment(monkeypatch, tmp_path, DSN=dsn):
        for wrong in ("BTC", "BTC=much", "=5", "BTC=-1", "BTC=nan"):
            said = run("replay", "--venue", "binance", *files, "--store", "--usd-rate", wrong)
            assert said.code != 0
            assert "write a currency and its worth, as BTC=60000" in said.err
        assert "with --store" in run("replay", "--venue", "binance", *files, "--usd-rate", "BTC=1").err


def test_a_wall_stays_open_while_its_book_has_no_proof_and_ends_with_its_run(database: Database) -> None:
    key = CandleStore(database).register("binance", "BTC/USDT")
    put(database, "whale_activities", [whale(key, START, "wall_appeared", "bid", 99.0, since=START)])
    pause = [
        event(key, START + SECOND, "synced>stale", "silent"),
        event(key, START + 2 * SECOND, "stale>synced", "verified"),
        event(key, START + 3 * SECOND, "synced>broken", "gap"),
        event(key, START + 4 * SECOND, "broken>synced", "snapshot"),
    ]
    put(database, "order_book_events", pause)
    assert shown(database, "walls")[0]["outcome"] == "open"
    put(database, "order_book_events", [event(key, START + MINUTE, "none>buffering", "started")])
    (row,) = shown(database, "walls")
    assert (row["outcome"], row["ended_with"], row["ended_at"]) == ("ended", "unknown", START + MINUTE)


def test_one_order_beyond_the_horizon_is_no_whale_at_every_touch(
    shared_data: Path, database: Database, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(map(str, (shared_data.parent / "cases" / "live").glob("BINANCE_wall_beyond_horizon.*")))
    if not files:
        pytest.skip("the recording is not here")
    with environment(monkeypatch, tmp_path, DSN=dsn):
        assert run("replay", "--venue", "binance", *files, "--store").code == 0
    assert len(database.rows("SELECT FROM whale_activities")) <= 2
