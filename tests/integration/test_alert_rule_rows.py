"""Rules and watchlists as rows: made, changed, refused and removed, in Python and in SQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from candle_frames import register

from alphapulse_assets.alerting.refusals import RefusedError
from alphapulse_assets.alerting.rule_rows import (
    Draft,
    acknowledge,
    alerts,
    create_rule,
    delete_rule,
    rule,
    rules,
    update_rule,
)
from alphapulse_assets.alerting.watchlist_rows import (
    create_watchlist,
    delete_watchlist,
    put_symbols,
    take_symbols,
    update_watchlist,
    watchlist,
    watchlists,
)
from alphapulse_resources.database.client import Database

SINKS = ("desk", "webhook")


@pytest.fixture
def symbols(database: Database) -> list[int]:
    found = register(database, ["BTC/USDT", "ETH/USDT"], "binance")
    database.execute("UPDATE instruments SET tracked = true")
    return found


def _make(database: Database, name: str = "dip", **given: Any) -> dict[str, Any]:
    draft = Draft(
        **{"name": name, "expression": "rsi_14[1h]<30", "venue": "binance", "symbol": "BTC/USDT", **given}
    )
    return create_rule(database, draft, by="cli", sinks=SINKS)


def _version(database: Database) -> int:
    return int(database.rows("SELECT version FROM alert_rules_version")[0]["version"])


def test_a_rule_is_made_changed_and_removed_and_its_evaluators_are_told(
    database: Database, symbols: list[int]
) -> None:
    before = _version(database)
    made = _make(database, sinks=["desk"], venue="Binance", symbol="btc/usdt")
    assert (made["venue"], made["symbol"], made["scope"]) == ("binance", "BTC/USDT", "symbol")
    assert (made["expression"], made["reads"], made["evaluator"]) == (
        "rsi_14[1h] < 30",
        ["rsi_14[1h]"],
        "stream",
    )
    assert (made["sinks"], made["mode"], made["cool_down_seconds"]) == (["desk"], "crossing", 0.0)
    assert _version(database) == before + 1, "that it was read is no change of it"

    changed = update_rule(database, "DIP", {"mode": "level"}, sinks=SINKS)
    assert (changed["mode"], changed["cool_down_seconds"], changed["revision"]) == ("level", 3600.0, 2)
    renamed = update_rule(database, made["rule_id"], {"name": "deep dip", "sinks": None}, sinks=SINKS)
    assert (renamed["name"], renamed["sinks"], renamed["revision"]) == ("deep dip", None, 2)
    moved = update_rule(database, "deep dip", {"expression": "funding.rate > 0.001"}, sinks=SINKS)
    assert (moved["evaluator"], moved["revision"]) == ("poller", 3)
    assert [row["name"] for row in rules(database)] == ["deep dip"]
    version = _version(database)
    delete_rule(database, "deep dip")
    assert rules(database) == []
    assert _version(database) == version + 1


@pytest.mark.parametrize(
    ("given", "parameter", "words"),
    [
        ({"expression": "rsi_41[1h] < 30"}, "expression", "did you mean rsi_14"),
        ({"venue": "binanse"}, "venue", "did you mean binance"),
        ({"symbol": "BTCUSDT"}, "symbol", "did you mean BTC/USDT"),
        ({"symbol": None, "venue": None, "watchlist": "mine"}, "watchlist", "there is no watchlist mine"),
        ({"sinks": ["dsk"]}, "sinks", "did you mean desk"),
        ({"mode": "levels"}, "mode", "crossing, level"),
        ({"mode": "level", "cool_down": timedelta(seconds=5)}, "cool_down", "1 minute"),
        ({"severity": "fatal"}, "severity", "critical"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expires_at", "expired already"),
        ({"name": "7"}, "name", "number"),
        ({"symbol": None, "venue": None, "expression": "fear_greed < 20"}, "symbol", "told once"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_parameter(
    database: Database, symbols: list[int], given: dict[str, Any], parameter: str, words: str
) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        _make(database, **given)
    assert refused.value.parameter == parameter
    assert rules(database) == []


def test_a_name_is_taken_once_and_what_is_not_there_is_said_to_be_missing(
    database: Database, symbols: list[int]
) -> None:
    _make(database)
    with pytest.raises(RefusedError, match="already") as refused:
        _make(database, name="Dip")
    assert refused.value.parameter == "name"
    with pytest.raises(RefusedError, match="did you mean dip") as refused:
        rule(database, "dipp")
    assert refused.value.missing
    with pytest.raises(RefusedError, match="cannot be changed"):
        update_rule(database, "dip", {"scope": "tracked"}, sinks=SINKS)


def test_sql_makes_the_same_rule_and_refuses_the_same(database: Database, symbols: list[int]) -> None:
    database.rows("SELECT create_alert_rule('high', 'price > 1', 'binance', 'BTC/USDT', p_mode => 'level')")
    made = rule(database, "high")
    assert (made["mode"], made["cool_down_seconds"], made["created_by"]) == ("level", 3600.0, "sql")
    assert made["evaluator"] is None, "nobody has read it yet"
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="there is no instrument"):
        database.rows("SELECT create_alert_rule('low', 'price < 1', 'binance', 'XXX/USDT')")


def test_watchlists_keep_their_order_and_are_held_by_the_rules_that_watch_them(
    database: Database, symbols: list[int]
) -> None:
    create_watchlist(database, "mine", [("binance", "eth/usdt")], note="why", by="cli")
    put_symbols(database, "MINE", [("binance", "BTC/USDT"), ("binance", "ETH/USDT")])
    found = watchlist(database, "mine")
    assert [each["symbol"] for each in found["symbols"]] == ["ETH/USDT", "BTC/USDT"]
    update_watchlist(database, "mine", symbols=[("binance", "BTC/USDT"), ("binance", "ETH/USDT")])
    assert [each["symbol"] for each in watchlist(database, "mine")["symbols"]] == ["BTC/USDT", "ETH/USDT"]
    with pytest.raises(RefusedError, match="already"):
        create_watchlist(database, "Mine", by="cli")
    with pytest.raises(RefusedError, match="did you mean"):
        put_symbols(database, "mine", [("binance", "BTCUSDT")])
    _make(database, symbol=None, venue=None, watchlist="mine")
    with pytest.raises(RefusedError, match="watched by dip"):
        delete_watchlist(database, "mine")
    version = _version(database)
    take_symbols(database, "mine", [("binance", "ETH/USDT")])
    assert _version(database) > version
    with pytest.raises(RefusedError, match="not in mine"):
        take_symbols(database, "mine", [("binance", "ETH/USDT")])
    delete_rule(database, "dip")
    delete_watchlist(database, "mine")
    assert watchlists(database) == []


def test_an_alert_has_a_number_and_is_acknowledged_by_it(database: Database, symbols: list[int]) -> None:
    database.execute(
        "INSERT INTO order_book_alerts (instrument_id, ts, kind, severity, title, detail, known_at,"
        " logic_version) VALUES (%(id)s, now(), 'whale', 'info', 'a wall', '{}', now(), 1)",
        {"id": symbols[0]},
    )
    (alert,) = alerts(database)
    acknowledge(database, alert["alert_id"], by="cli", note="seen")
    acknowledge(database, alert["alert_id"], by="cli")
    (after,) = alerts(database)
    assert (after["acknowledged_by"], alerts(database, unacknowledged=True)) == ("cli", [])
    assert database.rows("SELECT note FROM alert_acknowledgements") == [{"note": "seen"}]
    with pytest.raises(RefusedError, match="there is no alert"):
        acknowledge(database, 10**6, by="cli")
