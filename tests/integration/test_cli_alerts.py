"""`alphapulse alerts` and `watchlists`: what is said of rules, replays, alerts, and of what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest
from candle_frames import register
from cli_support import run
from webhook_support import SECRET, receiver

from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def symbols(database: Database, environment: pytest.MonkeyPatch) -> list[int]:
    found = register(database, ["BTC/USDT", "ETH/USDT"], "binance")
    database.execute("UPDATE instruments SET tracked = true")
    return found


def _prices(database: Database, instrument: int, prices: list[float]) -> None:
    for number, price in enumerate(prices):
        database.execute(
            "INSERT INTO trades_1s (instrument_id, ts, trades, buy_volume, sell_volume, buy_value,"
            " sell_value, open, high, low, close, first_trade, last_trade, complete, received_at)"
            " VALUES (%(id)s, %(ts)s, 1, 1, 0, 1, 0, %(p)s, %(p)s, %(p)s, %(p)s, '1', '1', true, %(ts)s)",
            {"id": instrument, "ts": START + timedelta(seconds=number), "p": price},
        )


def test_a_rule_is_added_replayed_changed_and_removed(database: Database, symbols: list[int]) -> None:
    said = run("alerts", "rules", "add", "high", "price>100", "--symbol", "btc/usdt", "--cool-down", "15m")
    assert said.code == 0, said.err
    assert "rule 1 added: high: price > 100, of BTC/USDT on binance; fires when it becomes true" in said.out
    assert "then rests for 15 min; asked by the stream" in said.out
    assert "only stored, as no sink is set" in said.err
    _prices(database, symbols[0], [99, 101, 102, 98, 105])
    window = ("--from", "2026-05-01T12:00Z", "--to", "2026-05-01T12:01Z")
    said = run("alerts", "test", "high", *window)
    assert said.code == 0, said.err
    assert "in 1 min it would have fired once; looked at 5 times, held back 1 times" in said.out
    assert "2026-05-01T12:00:02Z" in said.out
    assert "unknown for BTC/USDT on binance: price is not known, so it does not fire" in said.out
    found = run("alerts", "test", "high", *window, "--json").json
    assert [each["values"] for each in found["fired"]] == [{"price": 101.0}]
    assert run("alerts", "rules", "change", "HIGH", "--mode", "level", "--severity", "critical").code == 0
    assert run("alerts", "rules", "disable", "high").code == 0
    (row,) = run("alerts", "rules", "list", "--format", "json").json
    assert (row["mode"], row["severity"], row["enabled"], row["cool_down_seconds"]) == (
        "level",
        "critical",
        False,
        3600.0,
    )
    assert "asked by     the stream, as soon as" in run("alerts", "rules", "show", "1").out
    assert "rule high removed" in run("alerts", "rules", "remove", "high").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "add", "x", "rsi_41[1h] < 3", "--all"), "did you mean rsi_14?"),
        (("rules", "add", "x", "price > 1"), "give one of --symbol BTC/USDT, --watchlist NAME or --all"),
        (("rules", "add", "x", "price > 1", "--symbol", "BTCUSDT"), "did you mean BTC/USDT"),
        (("rules", "add", "x", "price > 1", "--all", "--cool-down", "soon"), "write 90s, 15m, 4h or 1d"),
        (
            ("rules", "add", "x", "price > 1", "--all", "--sink", "desk"),
            "there is no sink 'desk'; none is set",
        ),
        (("rules", "change", "x", "--mode", "level"), "there is no rule 'x'"),
        (("test", "x"), "there are none yet"),
        (("ack", "5"), "`alphapulse alerts list` shows their numbers"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(
    words: tuple[str, ...], said: str, symbols: list[int]
) -> None:
    found = run("alerts", *words)
    assert found.code == 1
    assert said in found.err


def test_watchlists_and_what_fired(database: Database, symbols: list[int]) -> None:
    assert (
        "watchlist majors made: 2 symbols"
        in run("watchlists", "add", "majors", "BTC/USDT", "binance:eth/usdt").out
    )
    assert "1 symbol" in run("watchlists", "remove", "majors", "ETH/USDT").out
    assert run("watchlists", "show", "majors", "--format", "json").json == [
        {"venue": "binance", "symbol": "BTC/USDT"}
    ]
    assert "nothing has fired yet" in run("alerts").out
    database.execute(
        "INSERT INTO order_book_alerts (instrument_id, ts, kind, severity, title, detail, known_at,"
        " logic_version) VALUES (%(id)s, now(), 'whale', 'info', 'a wall', '{}', now(), 1)",
        {"id": symbols[0]},
    )
    (row,) = run("alerts", "list", "--format", "json").json
    assert "acknowledged by me" in run("alerts", "ack", str(row["alert_id"]), "--by", "me").out
    assert "a wall" in run("alerts").out
    assert "nothing has fired of that kind" in run("alerts", "list", "--open").out
    assert "watchlist majors removed" in run("watchlists", "remove", "majors").out


def test_a_test_goes_to_the_sinks_of_a_rule_and_no_secret_is_told(
    database: Database, symbols: list[int], environment: pytest.MonkeyPatch
) -> None:
    with receiver() as desk, receiver() as other:
        for name, got in (("DESK", desk), ("OTHER", other)):
            environment.setenv(f"ALPHAPULSE_ALERTS__SINKS__{name}__KIND", "slack")
            environment.setenv(f"ALPHAPULSE_ALERTS__SINKS__{name}__URL", got.url)
        environment.setenv("ALPHAPULSE_ALERTS__SINKS__DESK__TEMPLATE", "{{ rule.name }}: {{ title }} {{")
        get_settings.cache_clear()
        made = run("alerts", "rules", "add", "high", "price > 1", "--all", "--sink", "desk")
        said = run("alerts", "test", "high", "--send")
        everywhere = run("alerts", "test", "--json")
    assert "told to: desk" in made.out
    assert "delivered to desk (127.0.0.1 in form slack); it answered: 200" in said.out
    assert "the template of desk is wrong, the usual text was sent: TemplateSyntaxError" in said.err
    assert (len(desk.bodies), len(other.bodies)) == (2, 1)
    assert [each["sink"] for each in everywhere.json["sinks"]] == ["desk", "other"]
    assert SECRET not in said.out + said.err + everywhere.out
