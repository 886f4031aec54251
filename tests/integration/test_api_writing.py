"""What may be written by the API: watchlists, rules of alerts, acknowledgements; and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_support import Api, served

from alphapulse_api.app import make_app
from alphapulse_cli.api_writer import ApiWriter
from alphapulse_resources.database.client import Database

BTC = {"venue": "binance", "symbol": "BTC/USDT"}
ETH = {"venue": "binance", "symbol": "ETH/USDT"}


@pytest.fixture(scope="module")
def api(filled: Database) -> Iterator[Api]:
    with served(make_app(filled, owner=filled, writer=ApiWriter(filled, ()))) as url:
        yield Api(url)


def _do(api: Api, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    answer = api.session.request(method, f"{api.url}/api/v1/{path}", json=body, timeout=30)
    return answer.status_code, answer.json() if answer.content else None


def test_a_watchlist_is_made_changed_and_removed(api: Api) -> None:
    status, made = _do(api, "POST", "watchlists", {"name": "Majors / 1", "symbols": [BTC], "note": "x"})
    assert (status, made["symbols"], made["created_by"]) == (201, [BTC], "api")
    assert _do(api, "POST", "watchlists", {"name": "majors / 1"})[0] == 422
    status, changed = _do(api, "PATCH", "watchlists/Majors%20%2F%201", {"symbols": [ETH, BTC]})
    assert (status, changed["symbols"], changed["note"]) == (200, [ETH, BTC], "x")
    listed = _do(api, "GET", "watchlists")[1]["data"]
    assert "Majors / 1" in [each["name"] for each in listed]
    assert _do(api, "DELETE", "watchlists/majors / 1") == (204, None)
    status, problem = _do(api, "GET", "watchlists/majors / 1")
    assert (status, problem["parameter"]) == (404, "watchlist")


def test_a_rule_is_made_changed_and_removed(api: Api) -> None:
    given = {"name": "btc high", "expression": "price > 100000", **BTC, "cool_down_seconds": 60}
    status, made = _do(api, "POST", "alert-rules", given)
    assert (status, made["symbol"], made["cool_down_seconds"]) == (201, "BTC/USDT", 60)
    status, changed = _do(api, "PATCH", f"alert-rules/{made['rule_id']}", {"enabled": False, "sinks": []})
    assert (status, changed["enabled"], changed["sinks"], changed["mode"]) == (200, False, [], "crossing")
    assert _do(api, "GET", "alert-rules/btc high")[1]["rule_id"] == made["rule_id"]
    assert _do(api, "DELETE", "alert-rules/btc high") == (204, None)


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"name": "a", "expression": "prise > 1"}, "expression"),
        ({"name": "a", "expression": "price > 1", "venue": "binance", "symbol": "BTC/USDTT"}, "symbol"),
        ({"name": "a", "expression": "price > 1", "watchlist": "none such"}, "watchlist"),
        ({"name": "a", "expression": "price > 1", "sinks": ["nowhere"]}, "sinks"),
        ({"name": "a", "expression": "price > 1", "mode": "often"}, "mode"),
        ({"name": "a", "expression": "price > 1", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "expression": "price > 1", "cool_down_seconds": -1}, "cool_down_seconds"),
        ({"name": "a\0", "expression": "price > 1"}, "body"),
        ({"name": "", "expression": "price > 1"}, "name"),
        ({"expression": "price > 1"}, "name"),
        ({"name": "a", "expression": "price > 1", "owner": "me"}, "owner"),
        ([], "body"),
    ],
)
def test_a_rule_that_cannot_be_says_why(api: Api, body: Any, parameter: str) -> None:
    status, problem = _do(api, "POST", "alert-rules", body)
    assert (status, problem["parameter"]) == (422, parameter), problem
    assert _do(api, "GET", "alert-rules/a")[0] == 404


def test_an_alert_is_acknowledged(api: Api, filled: Database) -> None:
    alert = filled.rows("SELECT alert_id FROM alerts ORDER BY alert_id LIMIT 1")[0]["alert_id"]
    status, seen = _do(api, "POST", f"alerts/{alert}/acknowledgement", {"note": "seen"})
    assert (status, seen["acknowledged_by"], seen["note"]) == (200, "api", "seen")
    assert _do(api, "POST", f"alerts/{alert}/acknowledgement")[0] == 200
    assert _do(api, "POST", "alerts/999999999/acknowledgement")[0] == 404
    assert _do(api, "POST", "alerts/x/acknowledgement")[0] == 404


def test_without_a_writer_nothing_can_be_written(filled: Database) -> None:
    with served(make_app(filled)) as url:
        assert _do(Api(url), "POST", "watchlists", {"name": "x"})[0] in (404, 405)
