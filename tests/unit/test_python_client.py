"""The Python package without a database: times, parameters of SQL, holes, names, HTTP, cost of an import."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import httpx
import polars as pl
import pytest

import alphapulse as ap
from alphapulse.backends import api
from alphapulse.backends.api import ARROW, ApiBackend
from alphapulse.client.bars import missing_bars
from alphapulse.client.base import meant
from alphapulse.moments import moment
from alphapulse.readings.asking import Asked
from alphapulse.readings.catalogue import BY_NAME
from alphapulse.sql_text import with_values

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KNOWN = [
    ("binance", "BTC/USDT"),
    ("binance", "ETH/USDT"),
    ("bybit", "BTC/USDT"),
    ("coinbase", "BTC/USD"),
]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T12:30", datetime(2026, 11, 1, 12, 30, tzinfo=UTC)),
        ("2026-11-01T12:30+02:00", datetime(2026, 11, 1, 10, 30, tzinfo=UTC)),
        ("2026-11-01T12:30:00Z", datetime(2026, 11, 1, 12, 30, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1, 3), datetime(2026, 11, 1, 3, tzinfo=UTC)),
        (datetime(2026, 11, 1, 3, tzinfo=timezone(timedelta(hours=3))), datetime(2026, 11, 1, tzinfo=UTC)),
        ("7d", NOW - timedelta(days=7)),
        ("90m", NOW - timedelta(minutes=90)),
        (timedelta(hours=2), NOW - timedelta(hours=2)),
        ("now", NOW),
    ],
)
def test_a_moment_is_read_as_people_write_it(given: ap.Moment, wanted: datetime) -> None:
    found = moment("start", given, NOW)
    assert found == wanted
    assert found is not None
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize("given", ["tomorrow", "7 dogs", 3, "2026-13-01", "99999999999w"])
def test_what_is_no_time_names_the_parameter_and_what_would_do(given: ap.Moment) -> None:
    with pytest.raises(ap.ParameterError, match="start") as caught:
        moment("start", given, NOW)
    assert caught.value.parameter == "start"


def test_values_of_a_statement_are_quoted_and_text_that_only_looks_like_them_is_not() -> None:
    text = "SELECT ':a', x::text, b[1:2], b[i:j], $$:a$$ FROM t -- :a\nWHERE s = :s AND u = %(s)s /* :b */;"
    filled = with_values(text, {"s": "o'h\\; DROP TABLE t; --"})
    assert filled.count("E'o''h\\\\; DROP TABLE t; --'") == 2
    assert "':a', x::text, b[1:2], b[i:j], $$:a$$" in filled
    assert "/*" not in filled
    assert not filled.endswith(";")


def test_values_of_a_statement_are_all_given_and_all_used() -> None:
    with pytest.raises(ap.ParameterError, match="no value was given: pass symbol="):
        with_values("SELECT :symbol", {})
    with pytest.raises(ap.ParameterError, match="does not have :venue"):
        with_values("SELECT 1", {"venue": "binance"})
    with pytest.raises(ap.ParameterError, match="no value of SQL"):
        with_values("SELECT :x", {"x": object()})


def test_lists_and_columns_are_values_too() -> None:
    assert "'{a,b}'" in with_values("SELECT 1 WHERE s = ANY(:s)", {"s": ("a", "b")})
    assert "'{a,b}'" in with_values("SELECT 1 WHERE s = ANY(:s)", {"s": pl.Series(["a", "b"])})


def bars(venue: str, times: list[int], complete: bool = True) -> pl.DataFrame:
    """Bars of an hour at these hours."""
    return pl.DataFrame(
        {
            "venue": venue,
            "symbol": "BTC/USDT",
            "ts": [NOW + timedelta(hours=n) for n in times],
            "complete": complete,
        },
        schema_overrides={"ts": pl.Datetime("us", "UTC")},
    )


def test_holes_are_counted_of_each_symbol_and_venue() -> None:
    frame = pl.concat([bars("binance", [0, 1, 4]), bars("bybit", [0, 1, 2]), bars("kraken", [0, 1], False)])
    found = missing_bars(frame, timedelta(hours=1))
    assert found == {("binance", "BTC/USDT"): (2, 0), ("kraken", "BTC/USDT"): (0, 2)}
    assert missing_bars(frame.clear(), timedelta(hours=1)) == {}


def test_a_symbol_without_a_venue_is_meant_at_every_venue_that_has_it() -> None:
    assert meant(KNOWN, ["btc/usdt"], None) == [("binance", "BTC/USDT"), ("bybit", "BTC/USDT")]
    assert meant(KNOWN, ["BTC/USDT"], ["BYBIT"]) == [("bybit", "BTC/USDT")]
    assert meant(KNOWN, None, ["coinbase"]) == [("coinbase", "BTC/USD")]


@pytest.mark.parametrize(
    ("symbol", "venue", "said"),
    [
        ("BTCUSDT", None, "did you mean BTC/USDT on binance, bybit or BTC/USD on coinbase"),
        ("ETH/USDT", "bybit", "not known at bybit; binance has it"),
        ("BTC/USDT", "binanse", "venue 'binanse' is not known; did you mean binance"),
        ("XYZ/ABC", None, "there are BTC/USD, BTC/USDT, ETH/USDT"),
    ],
)
def test_a_name_that_nobody_knows_is_told_what_is_near(symbol: str, venue: str | None, said: str) -> None:
    with pytest.raises(ap.NotFoundError) as caught:
        meant(KNOWN, [symbol], None if venue is None else [venue])
    assert said in str(caught.value)


def test_an_import_brings_nothing_heavy() -> None:
    heavy = ("dagster", "pandas", "matplotlib", "polars", "psycopg", "httpx", "pyarrow", "numba", "ccxt")
    code = f"import sys, alphapulse; dir(alphapulse); print([n for n in {heavy} if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_asking_the_modules_functions_brings_nothing_of_dagster_or_pictures() -> None:
    heavy = ("dagster", "pandas", "matplotlib", "numba", "ccxt", "fastapi")
    code = f"import sys, alphapulse; alphapulse.candles; print([n for n in {heavy} if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_everything_that_the_module_offers_is_there() -> None:
    for name in ap.__all__:
        assert getattr(ap, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'candels'"):
        ap.candels  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    "where",
    ["mysql://u:secret@h/d", "host=h password=secret", "http://u:secret@h:1", "postgresql://u:sec ret@h:x/d"],
)
def test_what_is_no_address_is_refused_and_not_shown(where: str) -> None:
    with pytest.raises(ap.AlphaPulseError) as caught:
        ap.connect(where)
    assert "sec" not in str(caught.value).replace("second", "")


def test_a_token_is_only_for_an_api() -> None:
    with pytest.raises(ap.ParameterError, match="token"):
        ap.connect(token="x")


def arrow(values: list[int]) -> bytes:
    """A page of one column."""
    buffer = BytesIO()
    pl.DataFrame({"ts": values}).write_ipc_stream(buffer)
    return buffer.getvalue()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Seconds that were waited, without waiting."""
    found: list[float] = []
    monkeypatch.setattr(api.time, "sleep", found.append)
    return found


def backend(answer: Callable[[httpx.Request], httpx.Response], token: str | None = None) -> ApiBackend:
    """An API that answers so."""
    return ApiBackend("http://here:1/", token, httpx.MockTransport(answer))


def test_pages_are_followed_to_the_end_and_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_ROWS", 3)
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        asked.append(query)
        first, count = int(query.get("cursor", 0)), int(query["limit"])
        page = list(range(first, min(first + count, 8)))
        more = {"x-next-cursor": str(first + count)} if first + count < 8 else {}
        return httpx.Response(200, content=arrow(page), headers={"content-type": ARROW, **more})

    found = backend(answer).ask(BY_NAME["symbols"], Asked())
    assert found["ts"].to_list() == list(range(8))
    assert backend(answer).ask(BY_NAME["symbols"], Asked(limit=5))["ts"].to_list() == list(range(5))
    assert [each["limit"] for each in asked] == ["3", "3", "3", "3", "2"]


def test_one_that_is_busy_is_asked_again_when_it_says(waits: list[float]) -> None:
    answers = iter(
        [
            httpx.Response(503, headers={"retry-after": "2"}),
            httpx.Response(429, headers={"retry-after": "7"}),
            httpx.Response(503),
            httpx.Response(200, content=arrow([1]), headers={"content-type": ARROW}),
        ]
    )
    assert backend(lambda request: next(answers)).ask(BY_NAME["venues"], Asked()).height == 1
    assert waits[:2] == [2.0, 7.0]
    assert len(waits) == 3


def test_one_that_stays_busy_is_given_up(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PATIENCE_SECONDS", 0.0)
    problem = {"detail": "the database is away", "status": 503}
    with pytest.raises(ap.ConnectError, match="is busy: the database is away"):
        backend(lambda request: httpx.Response(503, json=problem)).ask(BY_NAME["venues"], Asked())
    assert waits == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (422, {"detail": "limit is from 1", "parameter": "limit"}, ap.ParameterError, "limit is from 1"),
        (401, {"detail": "no token"}, ap.AccessError, "alphapulse api keys add"),
        (403, {"detail": "not allowed"}, ap.AccessError, "not allowed"),
        (404, {"detail": "nothing here"}, ap.NotFoundError, "nothing here"),
        (504, {"detail": "took longer than it may"}, ap.QueryError, "took longer"),
        (500, {"detail": "a fault"}, ap.AnswerError, "answered 500: a fault"),
    ],
)
def test_each_refusal_is_an_error_of_its_kind(
    status: int, body: dict[str, str], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        backend(lambda request: httpx.Response(status, json=body), "the-token").ask(
            BY_NAME["venues"], Asked()
        )
    assert "the-token" not in str(caught.value)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="<html>proxy</html>", headers={"content-type": "text/html"}),
        httpx.Response(200, content=arrow([1, 2, 3])[:40], headers={"content-type": ARROW}),
    ],
)
def test_what_is_no_answer_of_an_api_is_told_so(response: httpx.Response) -> None:
    with pytest.raises(ap.AnswerError):
        backend(lambda request: response).ask(BY_NAME["venues"], Asked())


def test_an_api_that_is_away_is_told_with_what_to_do() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ap.ConnectError, match="is it up"):
        backend(answer).ask(BY_NAME["venues"], Asked())


def test_a_token_goes_in_a_header_and_is_shown_nowhere() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=arrow([1]), headers={"content-type": ARROW})

    asked = backend(answer, "secret-token")
    asked.ask(BY_NAME["venues"], Asked())
    assert seen[0].headers["authorization"] == "Bearer secret-token"
    assert "secret" not in str(seen[0].url) + repr(asked) + asked.where
