"""Faults: what is refused, which requests they hit, and what each mutation does to rows."""

import json
from typing import Any

import pytest

from alphapulse_sim.faults import MUTATIONS, PARAMETERS, Faults, parse_fault
from alphapulse_sim.mutations import SHAPES, change_rows
from alphapulse_sim.page_caps import cut_page

MINUTE = 60_000


def binance_row(minute: int) -> list[Any]:
    ts = minute * MINUTE
    return [ts, "10.0", "12.0", "9.0", "11.0", "5.0", ts + MINUTE - 1, "55.0", 3, "2.0", "22.0", "0"]


def broken(what: str, every: int = 2, count: int = 4) -> list[list[Any]]:
    body = json.dumps([binance_row(minute) for minute in range(count)])
    fault = parse_fault({"kind": "mutate_rows", "what": what, "every": every})
    rows: list[list[Any]] = json.loads(change_rows("api.binance.com", body, fault))
    return rows


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"kind": "explode"}, "unknown"),
        ({}, "unknown"),
        ({"kind": "delay", "second": 3}, "does not know second"),
        ({"kind": "mutate_rows"}, "what="),
        ({"kind": "mutate_rows", "what": "null", "every": 0}, "every"),
        ({"kind": "drop_rows"}, "either every"),
        ({"kind": "drop_rows", "every": 2, "start": "2024-01-01", "end": "2024-01-02"}, "either every"),
        ({"kind": "ban"}, "host="),
        ({"kind": "page_cap", "rows": 0}, "rows must be"),
        ({"kind": "page_cap", "keep": "middle"}, "keep must be"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_the_reason(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_fault(spec)


def test_every_kind_can_be_made_with_its_defaults() -> None:
    needed: dict[str, dict[str, Any]] = {
        "mutate_rows": {"what": "null"},
        "drop_rows": {"every": 3},
        "ban": {"host": "api.binance.com"},
    }
    for kind in PARAMETERS:
        assert parse_fault({"kind": kind, **needed.get(kind, {})}).kind == kind


def test_a_fault_hits_its_host_path_and_symbol_only() -> None:
    fault = parse_fault({"kind": "empty", "host": "api.binance.com", "path": "klines", "symbol": "BTCUSDT"})
    assert fault.matches("api.binance.com", "/api/v3/klines", {"symbol": "BTCUSDT"})
    assert not fault.matches("fapi.binance.com", "/fapi/v1/klines", {"symbol": "BTCUSDT"})
    assert not fault.matches("api.binance.com", "/api/v3/depth", {"symbol": "BTCUSDT"})
    assert not fault.matches("api.binance.com", "/api/v3/klines", {"symbol": "ETHUSDT"})
    by_path = parse_fault({"kind": "empty", "symbol": "BTC-USD"})
    assert by_path.matches("api.coinbase.com", "/api/v3/brokerage/market/products/BTC-USD/candles", {})


def test_skip_and_times_choose_which_requests_are_hit() -> None:
    faults = Faults()
    faults.add(parse_fault({"kind": "html", "skip": 1, "times": 2}))
    hit = [bool(faults.hitting("api.bybit.com", "/v5/market/kline", {})) for _ in range(5)]
    assert hit == [False, True, True, False, False]
    assert faults.describe()[0]["hits"] == 2


def test_archive_faults_hit_only_the_file_they_are_about() -> None:
    zipped = "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-01.zip"
    corrupt, mismatch = parse_fault({"kind": "corrupt_zip"}), parse_fault({"kind": "checksum_mismatch"})
    assert corrupt.matches("data.binance.vision", zipped, {})
    assert not corrupt.matches("data.binance.vision", f"{zipped}.CHECKSUM", {})
    assert mismatch.matches("data.binance.vision", f"{zipped}.CHECKSUM", {})
    assert not mismatch.matches("data.binance.vision", zipped, {})


@pytest.mark.parametrize(
    ("what", "column", "value"),
    [
        ("high_below_low", 2, "8.1"),
        ("negative_volume", 5, "-5.0"),
        ("zero_price", 4, "0"),
        ("misaligned", 0, 7_000),
        ("future", 0, 366 * 86_400_000),
        ("null", 1, None),
        ("text_price", 4, "n/a"),
    ],
)
def test_a_mutation_breaks_that_column_of_every_second_row(what: str, column: int, value: object) -> None:
    rows = broken(what)
    good = [binance_row(minute) for minute in range(4)]
    assert rows[0][column] == value
    assert [rows[1], rows[3]] == [good[1], good[3]]
    assert rows[2] != good[2]


def test_mutations_of_the_sequence_of_rows() -> None:
    times = [row[0] // MINUTE for row in broken("duplicate")]
    assert times == [0, 0, 1, 2, 2, 3]
    first, second = broken("conflicting_duplicate")[:2]
    assert first[0] == second[0]
    assert first[4] != second[4]
    assert float(second[2]) >= float(second[4])  # it conflicts, but is a possible candle
    assert [row[0] // MINUTE for row in broken("out_of_order")] == [1, 0, 3, 2]
    assert len(broken("extra_column")[0]) == 13


@pytest.mark.parametrize("what", MUTATIONS)
@pytest.mark.parametrize("host", SHAPES)
def test_every_mutation_changes_every_venues_body(what: str, host: str) -> None:
    bodies: dict[str, Any] = {
        "api.bybit.com": {"retCode": 0, "result": {"list": [binance_row(m) for m in range(4)]}},
        "api.coinbase.com": {
            "candles": [
                {"start": str(m * 60), "low": "9", "high": "12", "open": "10", "close": "11", "volume": "5"}
                for m in range(4)
            ]
        },
        "api.kraken.com": {
            "error": [],
            "result": {
                "last": 180,
                "XXBTZUSD": [[m * 60, "10", "12", "9", "11", "10", "5", 3] for m in range(4)],
            },
        },
        "www.okx.com": {
            "code": "0",
            "data": [[str(m * MINUTE), "10", "12", "9", "11", "50", "5", "52", "1"] for m in range(4)],
        },
        "www.deribit.com": {"result": {"data": [[m * MINUTE, 10.0, 12.0, 9.0, 11.0] for m in range(4)]}},
        "api.exchange.coinbase.com": [[m * 60, 9.0, 12.0, 10.0, 11.0, 5.0] for m in range(4)],
    }
    text = json.dumps(bodies.get(host, [binance_row(m) for m in range(4)]))
    changed = change_rows(host, text, parse_fault({"kind": "mutate_rows", "what": what}))
    assert json.loads(changed) != json.loads(text)
    emptied = change_rows(host, text, parse_fault({"kind": "empty"}))
    assert '"start"' not in emptied
    assert "[]" in emptied


def test_rows_are_dropped_by_number_or_by_time() -> None:
    text = json.dumps([binance_row(minute) for minute in range(6)])
    every_third = change_rows("api.binance.com", text, parse_fault({"kind": "drop_rows", "every": 3}))
    assert [row[0] // MINUTE for row in json.loads(every_third)] == [1, 2, 4, 5]
    window = {"kind": "drop_rows", "start": "1970-01-01T00:02", "end": "1970-01-01T00:04+00:00"}
    left = change_rows("api.binance.com", text, parse_fault(window))
    assert [row[0] // MINUTE for row in json.loads(left)] == [0, 1, 4, 5]


def test_a_body_without_rows_is_left_alone() -> None:
    text = '{"code":-1121,"msg":"Invalid symbol."}'
    fault = parse_fault({"kind": "mutate_rows", "what": "null"})
    assert change_rows("api.binance.com", text, fault) == text


def test_a_capped_page_is_cut_where_the_venue_itself_would_or_where_it_is_told() -> None:
    def left(host: str, body: Any, path: str = "/x/klines", **parameters: Any) -> Any:
        fault = parse_fault({"kind": "page_cap", "rows": 2, **parameters})
        return json.loads(cut_page(host, path, json.dumps(body), fault.parameters))

    rows = [binance_row(minute) for minute in range(5)]
    newest_first = {"result": {"list": rows[::-1]}}
    assert left("api.binance.com", rows) == rows[:2]
    assert left("fapi.binance.com", rows, keep="newest") == rows[3:]
    assert left("api.bybit.com", newest_first, "/v5/market/kline") == {"result": {"list": rows[:2:-1]}}
    oldest = left("api.bybit.com", newest_first, "/v5/market/kline", keep="oldest")
    assert oldest == {"result": {"list": rows[1::-1]}}
    candles = {"candles": [{"start": str(minute * 60)} for minute in (2, 1, 0)]}
    assert left("api.coinbase.com", candles, "/products/BTC-USD/candles") == {
        "candles": candles["candles"][:2]
    }
    chart = {"timestamp": [0, 60, 120], "indicators": {"quote": [{"open": [1, 2, 3]}]}}
    body = {"chart": {"result": [chart], "error": None}}
    cut = left("query2.finance.yahoo.com", body, "/v8/finance/chart/BTC-USD")["chart"]["result"][0]
    assert cut == {"timestamp": [0, 60], "indicators": {"quote": [{"open": [1, 2]}]}}
    assert left("api.binance.com", [{"a": 1}] * 5, "/api/v3/aggTrades") == [{"a": 1}] * 5
