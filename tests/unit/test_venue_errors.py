"""The error table: every row is reached by what it is about, and says what to do."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import ccxt
import pytest
import requests

from alphapulse_resources.venues.error_rules import Failure, Rule
from alphapulse_resources.venues.errors import (
    KIND_RULES,
    LONGEST_BAN,
    RULES,
    describe,
    find_rule,
    read_retry_after,
)
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.public_api import RefusedError
from alphapulse_resources.venues.registry import VENUES


@dataclass(frozen=True)
class Case:
    """What was seen, and what it must mean."""

    venue: str
    exception: BaseException
    status: int | None
    body: str
    kind: ErrorKind
    retryable: bool


NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def kraken(exception: type[Exception], error: str, kind: ErrorKind) -> Case:
    """A refusal as Kraken words it, with HTTP 200."""
    retryable = kind in (ErrorKind.BANNED, ErrorKind.VENUE_DOWN)
    return Case("kraken", exception("x"), 200, json.dumps({"error": [error]}), kind, retryable)


CASES = (
    Case("binance", ccxt.DDoSProtection("418"), 418, "{}", ErrorKind.BANNED, True),
    Case("binance", ccxt.DDoSProtection("429"), 429, '{"code":-1003}', ErrorKind.BANNED, True),
    Case("coinbase", ccxt.ExchangeError("slow down"), 429, "{}", ErrorKind.BANNED, True),
    Case("bybit", ccxt.RateLimitExceeded("x"), 429, "{}", ErrorKind.BANNED, True),
    Case("bybit", ccxt.RateLimitExceeded("403"), 200, '{"retCode":403}', ErrorKind.BANNED, True),
    Case("bybit", ccxt.PermissionDenied("x"), 200, '{"retCode":10009}', ErrorKind.BANNED, True),
    Case("bybit", ccxt.ExchangeNotAvailable("x"), 403, "access too frequent", ErrorKind.BANNED, True),
    Case("bybit", ccxt.RateLimitExceeded("x"), 200, '{"retCode":10006}', ErrorKind.BANNED, True),
    Case("bybit", ccxt.RateLimitExceeded("x"), 200, '{"retCode":10018}', ErrorKind.BANNED, True),
    Case("bybit", RefusedError("x"), 200, '{"retCode":10006}', ErrorKind.BANNED, True),
    Case("binance", ccxt.DDoSProtection("x"), None, "", ErrorKind.BANNED, True),
    Case("binance", ccxt.RateLimitExceeded("x"), 400, '{"code":-1003}', ErrorKind.BANNED, True),
    Case("binance", ccxt.ExchangeNotAvailable("x"), 451, "{}", ErrorKind.GEO_BLOCKED, False),
    Case("binance", ccxt.ExchangeNotAvailable("x"), 403, "<html>", ErrorKind.GEO_BLOCKED, False),
    Case("bybit", ccxt.ExchangeNotAvailable("x"), 403, "CloudFront", ErrorKind.GEO_BLOCKED, False),
    Case("bybit", ccxt.RestrictedLocation("x"), 200, "{}", ErrorKind.GEO_BLOCKED, False),
    Case("bybit", ccxt.PermissionDenied("x"), 200, '{"retCode":10024}', ErrorKind.GEO_BLOCKED, False),
    Case("binance", ccxt.RequestTimeout("x"), None, "", ErrorKind.TIMEOUT, True),
    Case("binance", requests.ReadTimeout("x"), None, "", ErrorKind.TIMEOUT, True),
    Case("binance", ccxt.ExchangeNotAvailable("x"), 504, "", ErrorKind.TIMEOUT, True),
    Case("bybit", ccxt.ExchangeError("x"), 200, '{"retCode":10000}', ErrorKind.TIMEOUT, True),
    Case("binance", ccxt.ExchangeError("x"), 503, '{"code":-1}', ErrorKind.VENUE_DOWN, True),
    Case("binance", ccxt.ExchangeNotAvailable("x"), 502, "<html>", ErrorKind.VENUE_DOWN, True),
    Case("bybit", ccxt.ExchangeError("x"), 200, '{"retCode":10016}', ErrorKind.VENUE_DOWN, True),
    Case("binance", ccxt.BadSymbol("x"), 400, '{"code":-1121}', ErrorKind.BAD_SYMBOL, False),
    Case("binanceusdm", requests.HTTPError("x"), 400, '{"code":-4108}', ErrorKind.BAD_SYMBOL, False),
    Case(
        "bybit",
        ccxt.BadRequest("x"),
        200,
        '{"retCode":10001,"retMsg":"params error: Symbol Invalid"}',
        ErrorKind.BAD_SYMBOL,
        False,
    ),
    Case("coinbase", ccxt.ExchangeError("x"), 404, '{"error":"NOT_FOUND"}', ErrorKind.BAD_SYMBOL, False),
    Case(
        "coinbase",
        ccxt.BadRequest("x"),
        400,
        '{"error":"INVALID_ARGUMENT","message":"ProductID is invalid"}',
        ErrorKind.BAD_SYMBOL,
        False,
    ),
    Case("okx", ccxt.RateLimitExceeded("x"), 429, '{"code":"50011"}', ErrorKind.BANNED, True),
    Case("okx", RefusedError("x"), 200, '{"code":"50013"}', ErrorKind.VENUE_DOWN, True),
    Case("okx", ccxt.RequestTimeout("x"), 400, '{"code":"50004"}', ErrorKind.TIMEOUT, True),
    Case("okx", ccxt.BadSymbol("x"), 200, '{"code":"51001"}', ErrorKind.BAD_SYMBOL, False),
    Case(
        "okx",
        ccxt.BadRequest("x"),
        400,
        '{"code":"51000","msg":"Parameter instId error"}',
        ErrorKind.BAD_SYMBOL,
        False,
    ),
    kraken(ccxt.RateLimitExceeded, "EAPI:Rate limit exceeded", ErrorKind.BANNED),
    kraken(ccxt.DDoSProtection, "EGeneral:Too many requests", ErrorKind.BANNED),
    kraken(ccxt.ExchangeError, "EService: Throttled: 1688669597", ErrorKind.BANNED),
    kraken(ccxt.DDoSProtection, "EGeneral:Temporary lockout", ErrorKind.BANNED),
    kraken(ccxt.ExchangeNotAvailable, "EService:Unavailable", ErrorKind.VENUE_DOWN),
    kraken(ccxt.ExchangeNotAvailable, "EGeneral:Internal error", ErrorKind.VENUE_DOWN),
    kraken(ccxt.ExchangeError, "EQuery:Unknown asset pair", ErrorKind.BAD_SYMBOL),
    kraken(ccxt.BadSymbol, "EQuery:Invalid asset pair", ErrorKind.BAD_SYMBOL),
    kraken(ccxt.BadRequest, "EGeneral:Invalid arguments", ErrorKind.BAD_REQUEST),
    kraken(ccxt.ExchangeError, "EGeneral:Unknown method", ErrorKind.BAD_REQUEST),
    Case("kraken", ccxt.ExchangeNotAvailable("x"), 520, "<html>", ErrorKind.VENUE_DOWN, True),
    Case("binance", ccxt.BadRequest("x"), 400, '{"code":-1100}', ErrorKind.BAD_REQUEST, False),
    Case("binance", ccxt.ExchangeNotAvailable("x"), 404, "<html>", ErrorKind.BAD_REQUEST, False),
    Case("bybit", ccxt.BadRequest("x"), 200, '{"retCode":10001}', ErrorKind.BAD_REQUEST, False),
    Case("bybit", ccxt.AuthenticationError("x"), 200, '{"retCode":10003}', ErrorKind.BAD_REQUEST, False),
    Case("binance", ccxt.BadResponse("x"), 200, "{}", ErrorKind.BAD_BODY, True),
    Case("bybit", ccxt.ExchangeError("x"), 200, "{}", ErrorKind.BAD_BODY, True),
    Case("binance", ccxt.NetworkError("reset"), None, "", ErrorKind.VENUE_DOWN, True),
    Case("binance", ccxt.OnMaintenance("x"), None, "", ErrorKind.VENUE_DOWN, True),
    Case("binance", requests.ConnectionError("refused"), None, "", ErrorKind.VENUE_DOWN, True),
    Case("binance", ConnectionResetError("reset"), None, "", ErrorKind.VENUE_DOWN, True),
)


EVERY_RULE = (*RULES, *(rule for venue in VENUES.values() for rule in venue.rest.errors))


def rule_of(case: Case) -> Rule:
    """The row that the case is about, as a request to its venue finds it."""
    trouble = Failure(case.venue, case.exception, case.status, case.body)
    return find_rule(trouble, VENUES[case.venue].rest.errors)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.venue}-{case.status}-{case.kind}")
def test_what_was_seen_is_given_its_meaning(case: Case) -> None:
    rule = rule_of(case)
    assert (rule.kind, rule.retryable) == (case.kind, case.retryable)


def test_every_row_of_the_table_is_reached() -> None:
    reached = {id(rule_of(case)) for case in CASES}
    assert [rule for rule in EVERY_RULE if id(rule) not in reached] == []


@pytest.mark.parametrize("rule", [*EVERY_RULE, *KIND_RULES.values()], ids=lambda rule: str(rule.kind))
def test_every_row_says_what_to_do_and_bans_have_a_pause(rule: Rule) -> None:
    assert rule.advice.endswith(".")
    if rule in EVERY_RULE and rule.kind is ErrorKind.BANNED:
        assert rule.pause is not None
        assert 0 < rule.pause <= LONGEST_BAN


def test_an_unknown_exception_is_not_retried() -> None:
    rule = find_rule(Failure("binance", KeyError("symbol"), 200, "{}"))
    assert (rule.kind, rule.retryable) == (ErrorKind.BAD_BODY, False)


def test_what_our_own_reading_found_keeps_its_kind() -> None:
    for kind in KIND_RULES:
        assert find_rule(Failure("binance", VenueError(kind, "x"), 200)).kind is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "Wed, 01 May 2024 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Wed, 01 May 2024 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "99999999"}, LONGEST_BAN),
        ({"Retry-After": "soon"}, None),
        ({"X-Bapi-Limit-Reset-Timestamp": "1714564803500"}, 3.5),
        ({"X-Bapi-Limit-Reset-Timestamp": "later"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_as_the_venues_write_it(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers, NOW, VENUES["bybit"].rest.reset_seconds) == seconds


def test_a_description_holds_neither_query_nor_page_of_html() -> None:
    error = ccxt.NetworkError("binance GET https://api.binance.com/api/v3/klines?secret=1")
    assert "secret" not in describe(Failure("binance", error))
    page = "<html>" + "x" * 5000
    assert len(describe(Failure("binance", ccxt.ExchangeError("x"), 502, page))) < 250
