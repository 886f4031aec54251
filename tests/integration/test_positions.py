"""Positions from the command line, SQL and a venue's socket, to their risk and to the sizes of signals."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import psycopg
import pytest
from candle_frames import DAY, register
from cli_support import run

from alphapulse_assets.datasets.collecting import FillContext, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.positions.collect import ACCOUNTS, RISK, SIZES
from alphapulse_assets.positions.dataset import DATASETS
from alphapulse_assets.positions.fill import (
    fill_portfolio_risk,
    fill_position_risk,
    fill_risk_parts,
    fill_sizes,
)
from alphapulse_assets.positions.known import held_at, history_at, risk_at, store_risk
from alphapulse_assets.positions.tables import SIGNAL_LIMITS
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess

BTC: Final = "BTC/USDT:USDT"
ETH: Final = "ETH/USDT:USDT"
RULES: Final = {each.name: each.rules for each in DATASETS}
READ: Final = {"key": "sim-read", "secret": "sim-read-secret"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    """One simulator for this file."""
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def market(database: Database) -> dict[str, int]:
    """Two perpetuals with a newest minute of now."""
    ids = dict(zip((BTC, ETH), register(database, [BTC, ETH], "binanceusdm"), strict=True))
    for symbol, price in ((BTC, 50_000.0), (ETH, 2_000.0)):
        newest_minute(database, ids[symbol], price)
    return ids


@pytest.fixture
def history(database: Database, market: dict[str, int]) -> dict[str, int]:
    """The same with the closes of 130 days before, and so 129 returns."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    random = np.random.default_rng(4)
    together = random.normal(0, 0.02, 130)
    for symbol, price, own in ((BTC, 50_000.0, 0.0), (ETH, 2_000.0, 0.01)):
        closes = price * np.exp(np.cumsum(together + random.normal(0, own, 130)))
        database.execute(
            "INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)"
            " SELECT %(id)s, d.ts, d.close, d.close, d.close, d.close, 1, 2, d.ts"
            " FROM unnest(%(days)s::timestamptz[], %(closes)s::double precision[]) AS d (ts, close)",
            {
                "id": market[symbol],
                "days": [today - (129 - n) * DAY - timedelta(minutes=1) for n in range(130)],
                "closes": closes.tolist(),
            },
        )
    database.refresh_timeframes(window=(today - 131 * DAY, today))
    return market


def newest_minute(database: Database, instrument: int, price: float, opens: datetime | None = None) -> None:
    """A candle that closed at a price: a minute ago, if it is not said when it opens."""
    now = opens or datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)
    database.execute(
        "INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)"
        " VALUES (%(id)s, %(ts)s, %(price)s, %(price)s, %(price)s, %(price)s, 1, 2, now())"
        " ON CONFLICT (instrument_id, ts) DO UPDATE SET close = excluded.close",
        {"id": instrument, "ts": now, "price": price},
    )


def opened(database: Database, **changes: Any) -> None:
    """A position entered in SQL: one Bitcoin at 45,000 with ten times leverage, but for changes."""
    given = {
        "account": "main", "symbol": BTC, "side": "long", "size": 1.0, "entry": 45_000.0, "leverage": 10.0,
        "rate": 0.005, **changes,
    }  # fmt: skip
    database.rows(
        "SELECT open_position(%(account)s, 'binanceusdm', %(symbol)s, %(side)s, %(size)s, %(entry)s,"
        " p_leverage => %(leverage)s, p_maintenance_rate => %(rate)s)",
        given,
    )


def collect(database: Database, which: Any, settings: Settings | None = None) -> Round:
    """One round of a collector."""
    sources = Sources(database, settings or Settings(_env_file=None), Gateway(LocalRateLimiter()))
    done = run_collector(which, sources, RULES)
    assert done.error is None, done.error
    assert done.quarantined == 0
    return done


def account_of(simulator: SimulatorProcess, venue: str, **key: str) -> Settings:
    """Settings with a key of a simulated account."""
    accounts = {f"{venue}_{name}": value for name, value in (key or READ).items()}
    return Settings.model_validate({"_env_file": None, "venue_url": simulator.url, "accounts": accounts})


def test_states_are_only_added_and_the_past_stays_as_it_was_known(
    database: Database, market: dict[str, int]
) -> None:
    opened(database)
    first = datetime.now(UTC)
    opened_row = database.rows("SELECT * FROM positions")[0]
    database.rows(
        "SELECT open_position('main', 'binanceusdm', %(s)s, 'long', 2, 46000, 10, p_change => true)",
        {"s": BTC},
    )
    second = datetime.now(UTC)
    database.rows("SELECT close_position('main', 'binanceusdm', %(s)s, 'long', 51000)", {"s": BTC})
    assert [each.size for each in held_at(database, first)] == [1.0]
    assert [each.size for each in held_at(database, second)] == [2.0]
    assert held_at(database, datetime.now(UTC)) == []
    assert held_at(database, opened_row["ts"] - timedelta(seconds=1)) == []
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="never changed"):
        database.execute("UPDATE positions SET size = 3")


def test_what_was_entered_later_was_not_known_before(database: Database, market: dict[str, int]) -> None:
    now = datetime.now(UTC)
    database.rows(
        "SELECT open_position('main', 'binanceusdm', %(s)s, 'long', 1, 45000, 10, p_opened_at => %(at)s)",
        {"s": BTC, "at": now - 3 * DAY},
    )
    assert held_at(database, now - DAY) == []
    (held,) = held_at(database, datetime.now(UTC))
    assert held.opened_at == now - 3 * DAY
    assert held.known_at >= now


REFUSED: Final = (
    ("open_position('main', 'binanceusdm', 'XXX/USDT:USDT', 'long', 1, 1)", "there is no instrument"),
    ("open_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'up', 1, 1)", "long or short"),
    ("open_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'long', 0, 1)", "above 0"),
    ("open_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'long', 'NaN', 1)", "above 0"),
    ("open_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'long', 1, 1, p_margin_mode => 'none')", "mode"),
    (
        "open_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'long', 1, 1, p_size_unit => 'contracts')",
        "contract size",
    ),
    ("close_position('main', 'binanceusdm', 'BTC/USDT:USDT', 'long')", "holds no long"),
)


def test_what_is_no_position_is_refused_in_words(database: Database, market: dict[str, int]) -> None:
    for call, said in REFUSED:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match=said):
            database.rows(f"SELECT {call}")  # type: ignore[arg-type]


def test_views_say_what_the_pure_functions_say(database: Database, history: dict[str, int]) -> None:
    opened(database)
    opened(database, symbol=ETH, side="short", size=10.0, entry=2_100.0)
    opened(database, account="other", size=0.5)
    database.execute(
        "INSERT INTO account_balances (account, currency, ts, wallet_balance)"
        " VALUES ('main', 'USDT', now(), 20000)"
    )
    rows = risk_at(database, datetime.now(UTC))
    store_risk(database, rows)
    told = {(row["account"], row["instrument_id"]): row for row in rows.positions.iter_rows(named=True)}
    for row in database.rows("SELECT * FROM exposure"):
        mine = told[row["account"], row["instrument_id"]]
        assert (row["exposure"], row["gain"], row["base_size"], row["price"]) == pytest.approx(
            (mine["exposure"], mine["gain"], mine["base_size"], mine["mark_price"])
        )
    (main,) = database.rows("SELECT * FROM exposure_by_account WHERE account = 'main'")
    whole = rows.portfolio.risks.filter(account="main", level=0.95).row(0, named=True)
    # 50,000 long, 20,000 short; 5,000 and 1,000 gained beside 20,000
    assert (main["gross_usd"], main["net_usd"], main["equity_usd"]) == (70_000.0, 30_000.0, 26_000.0)
    assert (whole["gross"], whole["net"], whole["equity"]) == (70_000.0, 30_000.0, 26_000.0)
    assert main["leverage_now"] == whole["leverage"] == pytest.approx(70 / 26)
    (bitcoin,) = database.rows("SELECT * FROM exposure_by_base WHERE base = 'BTC'")
    assert (bitcoin["positions"], bitcoin["net_base"], bitcoin["net_usd"]) == (2, 1.5, 75_000.0)
    shown = database.rows("SELECT * FROM position_risk WHERE account = 'main' AND symbol = %(s)s", {"s": BTC})
    assert shown[0]["liquidation_price"] == pytest.approx((45_000 - 4_500) / 0.995)
    assert {row["account"] for row in database.rows("SELECT * FROM portfolio_risk")} == {
        "all",
        "main",
        "other",
    }
    parts = database.rows(
        "SELECT sum(component) AS total FROM portfolio_risk_by_symbol WHERE account = 'all' AND level = 0.95"
    )
    everything = rows.portfolio.risks.filter(account="all", level=0.95).row(0, named=True)
    assert everything["days"] == 129
    assert parts[0]["total"] == pytest.approx(everything["value_at_risk"])


def test_risk_is_that_of_the_stored_days_and_does_not_look_ahead(
    database: Database, history: dict[str, int]
) -> None:
    opened(database)
    at = datetime.now(UTC)
    query = "SELECT ts, close FROM ohlcv_1d WHERE instrument_id = $1 ORDER BY ts"
    closed = database.read(query, [history[BTC]])["close"].to_numpy()[:130]
    returns = np.sort(closed[1:] / closed[:-1] - 1)
    before = risk_at(database, at)
    row = before.portfolio.risks.filter(account="main", level=0.95)
    assert row["days"].item() == len(returns) == 129
    assert row["value_at_risk"].item() == pytest.approx(-returns[6] * 50_000)  # ceil(0.05 x 129) = 7
    # what is entered or traded later changes nothing of it
    opened(database, symbol=ETH, side="short", size=10.0, entry=2_100.0)
    after = risk_at(database, at)
    assert after.positions.equals(before.positions)
    assert after.portfolio.risks.equals(before.portfolio.risks)
    assert store_risk(database, before) > 0
    assert store_risk(database, after) == 0
    assert collect(database, RISK).written["portfolio_risk"].inserted == 4
    assert history_at(database, history.values(), at).count(history[ETH]) == 129
    # whole days of the past: the risk of what was known then, the same however often
    database.execute(
        "INSERT INTO positions (account, instrument_id, side, opened_at, ts, known_at, size, entry_price)"
        " VALUES ('old', %(id)s, 'long', %(at)s, %(at)s, %(at)s, 1, 100)",
        {"id": history[ETH], "at": at - 2 * DAY},
    )
    noon = at.replace(hour=12, minute=0, second=0, microsecond=0) - DAY
    newest_minute(database, history[ETH], 1_900.0, noon)
    sources = Sources(database, Settings(_env_file=None), Gateway(LocalRateLimiter()))
    yesterday = FillContext(sources, [at.date() - timedelta(days=1)], (), None, "run")
    for fill, rows in ((fill_portfolio_risk, 4), (fill_position_risk, 1), (fill_risk_parts, 4)):
        assert fill(yesterday).inserted == rows
        assert (fill(yesterday).inserted, fill(yesterday).unchanged) == (0, rows)


def test_funding_of_the_newest_mark_price_goes_before_the_last_settlement(
    database: Database, market: dict[str, int]
) -> None:
    opened(database)
    now = datetime.now(UTC)
    database.execute(
        "INSERT INTO funding_settlements (instrument_id, ts, rate, interval_hours, known_at, source, "
        "received_at) VALUES (%(id)s, %(at)s, 0.0003, 8, %(at)s, 'rest', %(at)s)",
        {"id": market[BTC], "at": now - timedelta(hours=5)},
    )
    assert risk_at(database, now).positions["funding_per_day"].item() == pytest.approx(50_000 * 0.0003 * 3)
    database.execute(
        "INSERT INTO mark_price_readings (instrument_id, ts, mark_price, funding_rate, interval_hours, "
        "known_at, source, received_at) VALUES (%(id)s, %(at)s, 60000, -0.0001, 4, %(at)s, 'rest', %(at)s)",
        {"id": market[BTC], "at": now - timedelta(minutes=1)},
    )
    row = risk_at(database, now).positions.row(0, named=True)
    assert (row["mark_source"], row["exposure"]) == ("mark_price", 60_000.0)
    assert row["funding_per_day"] == pytest.approx(-60_000 * 0.0001 * 6)


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
def test_an_account_is_read_with_a_key_that_may_only_read(
    database: Database, simulator: SimulatorProcess, venue: str
) -> None:
    (which,) = [each for each in ACCOUNTS if each.source == venue]
    settings = account_of(simulator, venue)
    first = collect(database, which, settings)
    assert first.new == 2 + (1 if venue == "binanceusdm" else 3) + 8  # positions, balances, tiers
    held = {each.symbol: each for each in held_at(database, datetime.now(UTC), [venue])}
    bitcoin, ether = held[BTC], held[ETH]
    assert (bitcoin.side, bitcoin.size, bitcoin.margin_mode) == ("long", 0.5, "cross")
    assert (ether.side, ether.size, ether.margin_mode, ether.margin) == ("short", 4.0, "isolated", 720.0)
    risk = {row["instrument_id"]: row for row in risk_at(database, datetime.now(UTC)).positions.to_dicts()}
    # 720 + (1,800 - P) 4 = 0.004 P 4
    assert risk[ether.instrument_id]["liquidation_price"] == pytest.approx((720 + 7_200) / (4 * 1.004))
    assert collect(database, which, settings).new == 0  # nothing changed: nothing is added
    assert "sim-read-secret" not in json.dumps(database.rows("SELECT * FROM fetch_log"), default=str)


def test_a_key_that_can_trade_or_that_the_venue_refuses_reads_nothing(
    database: Database, simulator: SimulatorProcess
) -> None:
    for venue in ("binanceusdm", "bybit"):
        (which,) = [each for each in ACCOUNTS if each.source == venue]
        for key, said in (
            ({"key": "sim-trade", "secret": "sim-trade-secret"}, "may trade"),
            ({"key": "sim-read", "secret": "wrong"}, "does not accept the key"),
        ):
            sources = Sources(database, account_of(simulator, venue, **key), Gateway(LocalRateLimiter()))
            done = run_collector(which, sources, RULES)
            assert said in str(done.error)
    assert database.rows("SELECT * FROM positions") == []
    assert ACCOUNTS[0].off_because(Settings(_env_file=None)) is not None


def signal(database: Database, instrument: int, at: datetime, size: float, *, score: float = 50.0) -> None:
    """A signal of the hour that closed at a time, at an entry of 50,000."""
    database.execute(
        "INSERT INTO pattern_configurations (version, configuration)"
        ' VALUES (1, \'{"sizing": {"equity": 100000}}\') ON CONFLICT DO NOTHING'
    )
    database.execute(
        "INSERT INTO signal_events (instrument_id, timeframe_id, ts, logic_version, configuration_version,"
        " known_at, signal, score, net, patterns, run, trigger, entry, stop, size, notional, risk, capped,"
        " expires_at, reasons) VALUES (%(id)s, 60, %(ts)s, 1, 1, %(at)s, %(kind)s, %(score)s, 1, 1, 1, "
        "'hammer', 50000, 49000, %(size)s, %(size)s * 50000, %(size)s * 1000, false,"
        " %(at)s + INTERVAL '1 day', '{}')",
        {
            "id": instrument, "ts": at - timedelta(hours=1), "at": at, "size": size, "score": score,
            "kind": "buy" if score > 0 else "sell",
        },
    )  # fmt: skip


def test_sizes_of_signals_obey_limits_once_there_are_some(database: Database, market: dict[str, int]) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    signal(database, market[BTC], before, 2.0)
    assert collect(database, SIZES).new == 0
    (row,) = database.rows("SELECT * FROM signals_within_limits")
    assert (row["size"], row["limited_by"], row["limits_version"]) == (2.0, None, None)

    opened(database)  # 50,000 held
    database.execute("INSERT INTO risk_limits (equity, max_symbol) VALUES (100000, 0.6)")
    after = datetime.now(UTC)
    signal(database, market[BTC], after, 2.0)
    signal(database, market[ETH], after + timedelta(microseconds=1), 0.5)
    signal(database, market[BTC], after + timedelta(microseconds=2), 2.0, score=-50.0)
    assert collect(database, SIZES).new == 3
    rows = database.rows(
        "SELECT * FROM signals_within_limits WHERE known_at > %(b)s ORDER BY known_at", {"b": before}
    )
    # 60,000 less 50,000 leave 10,000: 0.2; the second is of another coin; the third goes against what is held
    assert [(row["size"], row["limited_by"]) for row in rows] == [
        (pytest.approx(0.2), "max_symbol"), (0.5, None), (2.0, None),
    ]  # fmt: skip
    assert rows[0]["risk"] == pytest.approx(200.0)


def test_sizes_made_live_are_those_of_the_batch(database: Database, history: dict[str, int]) -> None:
    market = history
    opened(database)
    database.execute(
        "INSERT INTO risk_limits (equity, max_leverage, max_value_at_risk, max_correlation, max_correlated)"
        " VALUES (100000, 1.2, 0.03, 0.8, 0.9)"
    )
    for n in range(4):
        signal(database, market[BTC if n % 2 else ETH], datetime.now(UTC), 0.3 + n, score=50 - 30 * n)
    collect(database, SIZES)
    live = database.rows("SELECT * FROM signal_limits ORDER BY known_at")
    assert len(live) == 4
    assert {row["limited_by"] for row in live} > {"max_correlated"} or any(row["limited_by"] for row in live)
    assert all(0 <= row["allowed"] <= row["wanted"] for row in live)
    # what came later changes nothing of it
    opened(database, symbol=ETH, side="short", size=100.0, entry=2_000.0)
    database.execute("INSERT INTO risk_limits (max_symbol) VALUES (0.001)")
    sources = Sources(database, Settings(_env_file=None), Gateway(LocalRateLimiter()))
    today = datetime.now(UTC).date()
    result = fill_sizes(FillContext(sources, [today - timedelta(days=1), today], (), None, "run"))
    assert (result.inserted, result.changed, result.unchanged) == (0, 0, 4)
    database.execute("DELETE FROM signal_limits")
    fill_sizes(FillContext(sources, [today - timedelta(days=1), today], (), None, "run"))
    columns = ", ".join(SIGNAL_LIMITS.columns)
    again = database.rows(f"SELECT {columns} FROM signal_limits ORDER BY known_at")  # type: ignore[arg-type]
    assert again == [{name: row[name] for name in again[0]} for row in live]


def test_the_commands_enter_and_show_positions(
    database: Database, market: dict[str, int], environment: pytest.MonkeyPatch
) -> None:
    entered = run(
        "positions", "add", "binanceusdm", BTC, "long", "1", "45000", "--leverage", "10",
        "--maintenance-rate", "0.005",
    )  # fmt: skip
    assert entered.code == 0, entered.err
    assert "One day's risk" in entered.out
    again = run("positions", "add", "binanceusdm", BTC, "long", "1", "45000")
    assert (again.code, "close it, or change it" in again.err) == (1, True)
    assert run("positions", "balance", "usdt", "20000").code == 0
    table = run("positions", "list")
    assert table.code == 0
    assert "40,703.5" in table.out
    assert all(len(line) <= 80 for line in table.out.splitlines())
    (row,) = run("positions", "list", "--format", "json").json
    assert row["liquidation_price"] == pytest.approx(40_500 / 0.995)
    told = run("positions", "risk", "--json").json
    assert told["portfolios"][0]["leverage"] == pytest.approx(2.0)
    assert run("positions", "limits").out.startswith("no limits")
    assert run("positions", "limits", "--max-symbol", "0.5").code == 0
    assert "0.5" in run("positions", "limits").out
    assert run("positions", "limits", "--max-correlation", "0.5").code == 1
    assert run("positions", "limits", "--off").out.startswith("no limits")
    assert run("positions", "close", "binanceusdm", BTC, "long", "--exit", "50000").code == 0
    assert "nothing is held" in run("positions", "list").out
    refused = run("positions", "read")
    assert refused.code == 1
    assert "needs a key" in refused.err
