"""What the API answers: pages, formats, tags, what was known, refusals, and a database that comes back."""

import asyncio
import gzip
import io
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import psycopg
import pyarrow as pa
import pytest
import requests
from api_support import DAY, Api, served
from candle_frames import RECEIVED, candles, changed, write

from alphapulse_api.app import make_app
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.pools import PoolLimits

BTC = {"symbol": "BTC/USDT", "venue": "binance"}
END = (DAY + timedelta(days=2)).isoformat()


@pytest.fixture(scope="module")
def api(filled: Database) -> Iterator[Api]:
    with served(make_app(filled)) as url:
        yield Api(url)


def test_candles_of_every_timeframe_are_the_view_s(api: Api, filled: Database) -> None:
    for timeframe in ("1m", "5m", "1h", "4h", "1d"):
        told = api.told("candles", timeframe=timeframe, limit=300, **BTC)
        wanted = filled.rows(
            "SELECT ts, open, high, low, close, volume, trades, bars FROM ohlcv WHERE venue = 'binance'"
            " AND symbol = 'BTC/USDT' AND timeframe = %(timeframe)s ORDER BY ts DESC LIMIT 300",
            {"timeframe": timeframe},
        )
        assert told["rows"] == len(wanted) > 0
        columns = told["columns"]
        for name in ("open", "high", "low", "close", "volume", "trades", "bars"):
            assert columns[name] == [row[name] for row in wanted]
        assert [datetime.fromisoformat(each) for each in columns["ts"]] == [row["ts"] for row in wanted]


@pytest.mark.parametrize("order", ["desc", "asc"])
def test_pages_lose_and_repeat_nothing_while_new_rows_come(api: Api, filled: Database, order: str) -> None:
    given: dict[str, Any] = {"symbol": "BTC/USDT,ETH/USDT", "timeframe": "1m", "order": order, "limit": 777}
    seen: list[tuple[str, str]] = []
    cursor: str | None = None
    instrument = filled.rows(
        "SELECT instrument_id FROM instruments WHERE symbol = 'BTC/USDT' AND venue = 'binance'"
    )
    for page in range(20):
        told = api.told("candles", **given, **({"cursor": cursor} if cursor else {}))
        seen += zip(told["columns"]["ts"], told["columns"]["symbol"], strict=True)
        cursor = told["next"]
        if cursor is None:
            break
        # newer than all that there are
        new = candles(DAY + timedelta(days=3, minutes=page + 60 * (order == "asc")), 1)
        write(filled, instrument[0]["instrument_id"], new)
    with filled.transaction() as connection:
        connection.execute("DELETE FROM ohlcv_1m WHERE ts >= %s", [DAY + timedelta(days=3)])
    old = [each for each in seen if datetime.fromisoformat(each[0]) < DAY + timedelta(days=2)]
    assert len(old) == len(set(old)) == 2 * 2 * 1440
    assert len(seen) == len(set(seen))
    moments = [each[0] for each in seen]
    assert moments == sorted(moments, reverse=order == "desc")


def test_a_cursor_belongs_to_its_question(api: Api) -> None:
    cursor = api.told("candles", timeframe="1m", limit=2, **BTC)["next"]
    for given in (
        {"cursor": cursor, "timeframe": "5m"},
        {"cursor": cursor[:-4]},
        {"cursor": "AAAA"},
        {"cursor": "é\0"},
    ):
        problem = api.problem(422, "candles", **{"timeframe": "1m", **BTC, **given})
        assert problem["parameter"] == "cursor"
    assert api.get("candles", timeframe="1m", limit=5, fields="ts", cursor=cursor, **BTC).status_code == 200


def test_formats_say_the_same(api: Api) -> None:
    given = {"timeframe": "1h", "limit": 10, "fields": "ts,close,trades", **BTC}
    columns = api.told("candles", **given)["columns"]
    assert list(columns) == ["ts", "close", "trades"]
    rows = api.told("candles", shape="rows", **given)["data"]
    assert rows == [dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)]
    milliseconds = api.told("candles", unit="ms", **given)["columns"]["ts"]
    assert milliseconds == [datetime.fromisoformat(each).timestamp() * 1000 for each in columns["ts"]]
    arrow = pl.read_ipc_stream(
        io.BytesIO(api.get("candles", {"accept": "application/vnd.apache.arrow.stream"}, **given).content)
    )
    assert arrow["close"].to_list() == columns["close"]
    csv = api.get("candles", {"accept": "text/csv;q=0.9, application/json;q=0.1"}, **given)
    assert csv.headers["x-next-cursor"]
    assert 'rel="next"' in csv.headers["link"]
    assert pl.read_csv(io.BytesIO(csv.content))["close"].to_list() == columns["close"]
    assert api.get("candles", {"accept": "image/png"}, **given).status_code == 406


def test_numbers_that_are_none_are_null_in_json(api: Api, filled: Database) -> None:
    filled.execute(
        "UPDATE volume_pattern_events SET confidence = 'NaN', volume_ratio = 'Infinity', price_change = '-Infinity'"
    )
    columns = api.told("patterns/volume")["columns"]
    assert columns["confidence"]
    assert not any(columns["confidence"] + columns["volume_ratio"] + columns["price_change"])
    assert api.told("patterns/volume", shape="rows")["data"][0]["volume_ratio"] is None


def test_big_answers_are_compressed_as_the_client_takes_them(api: Api) -> None:
    given = {"timeframe": "1m", "limit": 1000, "end": END, **BTC}
    plain = api.get("candles", {"accept-encoding": "identity"}, **given)
    for encoding, unpack in (("zstd", _unzstd), ("gzip", gzip.decompress)):
        raw = api.session.get(plain.url, headers={"accept-encoding": encoding}, stream=True, timeout=30)
        assert raw.headers["content-encoding"] == encoding
        packed = raw.raw.read(decode_content=False)
        assert len(packed) < len(plain.content) / 2
        assert unpack(packed) == plain.content
        assert raw.headers["etag"] != plain.headers["etag"]


def _unzstd(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


def test_a_tag_saves_the_body_until_rows_change(api: Api) -> None:
    given = {"timeframe": "1h", "end": END, **BTC}
    first = api.get("candles", **given)
    assert first.headers["cache-control"] == "private, max-age=60"  # it is over
    again = api.get("candles", {"if-none-match": f'"x", {first.headers["etag"]}'}, **given)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert api.get("signals/now").headers["cache-control"] == "private, no-cache"


def test_as_of_tells_what_a_candle_said_before_it_was_corrected(api: Api, filled: Database) -> None:
    (row,) = filled.rows(
        "SELECT instrument_id FROM instruments WHERE symbol = 'ETH/USDT' AND venue = 'binance'"
    )
    moment = DAY + timedelta(hours=5, minutes=59)
    before = api.told(
        "candles",
        symbol="ETH/USDT",
        timeframe="1h",
        start=(DAY + timedelta(hours=5)).isoformat(),
        order="asc",
        limit=1,
    )
    was = before["columns"]["close"][0]
    frame = candles(DAY, 2 * 1440, seed=1)
    corrected = changed(frame, moment, close=was * 1.0001, high=was * 1.01).filter(pl.col("ts") == moment)
    between = datetime.now(UTC)
    write(filled, row["instrument_id"], corrected, received_at=datetime.now(UTC) + timedelta(seconds=1))
    filled.refresh_timeframes(window=(DAY, DAY + timedelta(days=1)))
    given = {
        "symbol": "ETH/USDT",
        "start": (DAY + timedelta(hours=5)).isoformat(),
        "order": "asc",
        "limit": 2,
    }
    for timeframe in ("1h", "5m"):
        now = api.told("candles", timeframe=timeframe, **given)["columns"]
        then = api.told("candles", timeframe=timeframe, as_of=between.isoformat(), **given)["columns"]
        assert then["bars"] == now["bars"]
    assert api.told("candles", timeframe="1h", **given)["columns"]["close"][0] == was * 1.0001
    told = api.told("candles", timeframe="1h", as_of=between.isoformat(), **given)["columns"]
    assert told["close"][0] == was
    early = api.told("candles", timeframe="1h", as_of=(RECEIVED - timedelta(seconds=1)).isoformat(), **given)
    assert early["rows"] == 0  # nobody had them then


@pytest.mark.parametrize(
    ("parameter", "given"),
    [
        ("symbol", {"symbol": "BTC/USD"}),
        ("symbol", {"symbol": "BTC/USDT\0"}),
        ("symbol", {"symbol": "x' OR 1=1 --"}),
        ("venue", {"venue": "binanse"}),
        ("timeframe", {"timeframe": "2h"}),
        ("limit", {"limit": "0"}),
        ("limit", {"limit": "20001"}),
        ("limit", {"limit": "9" * 400}),
        ("limit", {"limit": "1_000"}),
        ("limit", {"limit": "\u0661"}),
        ("start", {"start": "yesterday"}),
        ("start", {"start": "9" * 30}),
        ("end", {"start": "2026-11-02", "end": "2026-11-01"}),
        ("as_of", {"as_of": "0000-01-01"}),
        ("fields", {"fields": "ts,pg_sleep(10)"}),
        ("fields", {"fields": "close; DROP TABLE instruments"}),
        ("order", {"order": "desc; SELECT 1"}),
        ("shape", {"shape": "table"}),
        ("unit", {"unit": "ns"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_is_wrong_is_named(api: Api, parameter: str, given: dict[str, str]) -> None:
    problem = api.problem(422, "candles", **{**BTC, **given})
    assert problem["parameter"] == parameter
    assert problem["status"] == 422
    assert problem["detail"]


def test_a_name_that_nobody_knows_gets_the_one_that_was_meant(api: Api) -> None:
    assert "did you mean BTC/USDT" in api.problem(422, "candles", symbol="BTC/USDTT")["detail"]
    assert (
        "did you mean binance" in api.problem(422, "candles", symbol="BTC/USDT", venue="binnance")["detail"]
    )
    assert api.told("candles", symbol="btc-usdt", limit=1)["columns"]["symbol"] == ["BTC/USDT"]


@pytest.mark.parametrize("year", ["0001-01-01", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_the_calendar_are_no_fault(api: Api, year: str) -> None:
    for path in ("candles", "open_interest".replace("_", "-"), "quality", "market/metrics"):
        path = f"futures/{path}" if path == "open-interest" else path
        for name in ("start", "end", "as_of"):
            given = BTC if path == "candles" else {}
            assert api.get(path, **{**given, name: year}).status_code in (200, 422)


def test_paths_and_methods_that_are_not_there_are_problems(api: Api) -> None:
    assert "readings" in api.problem(404, "nothing/here")["detail"]
    answer = api.session.post(f"{api.url}/api/v1/candles", json={}, timeout=10)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.session.get(f"{api.url}/api/v1/candles?x={'a' * 20_000}", timeout=10).status_code == 414


def test_endpoints_by_name_answer_below_both_prefixes(api: Api) -> None:
    for prefix in ("/api", "/api/v1"):
        for path in (
            "/market/sentiment/summary",
            "/market/sentiment/BTC-USDT",
            "/market/sentiment/BTC/USDT",
            "/market/sentiment/history/BTC%2FUSDT",
            "/volume/patterns/BTC-USDT?from=2025-01-01&to=2027-01-01&type=spike&strength=strong&timeframe=1h",
            "/futures/open-interest?limit=1",
            "/futures/funding-rates",
        ):
            answer = api.session.get(api.url + prefix + path, timeout=30)
            assert answer.status_code == 200, (prefix + path, answer.text)
    missing = api.session.get(f"{api.url}/api/market/sentiment/BTC-USDTT", timeout=30)
    assert missing.status_code == 404
    assert "did you mean BTC/USDT" in missing.json()["detail"]


def test_a_client_that_leaves_ends_its_query(filled: Database) -> None:
    app = make_app(filled)
    with served(app) as url:
        filled.execute("CREATE OR REPLACE VIEW alerts_of_platform_slow AS SELECT pg_sleep(60)::text AS slept")
        try:
            reader = app.state.answers.reader

            async def ask() -> None:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(reader.read("SELECT slept FROM alerts_of_platform_slow", ()), 0.5)

            asyncio.run(ask())
            until = time.monotonic() + 30
            running = (
                "SELECT FROM pg_stat_activity WHERE query LIKE '%alerts_of_platform_slow%' AND state = 'active'"
                " AND pid <> pg_backend_pid()"
            )
            while filled.rows(running):
                assert time.monotonic() < until
                time.sleep(0.05)
            assert Api(url).told("health")["status"] == "ok"
        finally:
            filled.execute("DROP VIEW alerts_of_platform_slow")


def test_who_asks_the_same_at_once_asks_the_database_once(filled: Database) -> None:
    app = make_app(filled)
    with served(app) as url, ThreadPoolExecutor(8) as threads:
        barrier = threading.Barrier(8)

        def ask(_: int) -> bytes:
            barrier.wait()
            return requests.get(
                f"{url}/api/v1/candles?symbol=BTC/USDT&timeframe=1m&limit=5000", timeout=60
            ).content

        assert len(set(threads.map(ask, range(8)))) == 1
        counted = app.state.answers.cache.counted
        assert counted.misses == 1
        assert counted.hits + counted.shared == 7
        assert "alphapulse_api_cache_hit_rate 0.875" in requests.get(f"{url}/metrics", timeout=10).text


def test_it_says_what_to_do_while_the_database_is_away_and_goes_on_when_it_is_back(filled: Database) -> None:
    database = Database(filled.dsn, PoolLimits(wait_seconds=5))
    with served(make_app(database)) as url:
        api = Api(url)
        assert api.told("venues")["rows"] > 0
        name = psycopg.conninfo.conninfo_to_dict(filled.dsn)["dbname"]
        filled.close()
        with psycopg.connect(filled.dsn, dbname="postgres", autocommit=True) as other:
            other.execute(
                psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(
                    psycopg.sql.Identifier(str(name))
                )
            )
            try:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                problem = api.problem(503, "quality")
                assert "database" in problem["detail"]
                assert int(api.get("quality").headers["retry-after"]) > 0
                assert api.get("health").status_code == 503
                assert api.get("openapi.json").status_code == 200
            finally:
                other.execute(
                    psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(
                        psycopg.sql.Identifier(str(name))
                    )
                )
        assert api.told("health")["status"] == "ok"
        assert json.loads(api.get("quality").content)["rows"] > 0
    database.close()
