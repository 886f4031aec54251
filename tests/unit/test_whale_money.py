"""Whales in one currency: rates, thresholds set in a file, and the same wall whatever it is quoted in."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from alphapulse_assets.alerts.model import AlertKind
from alphapulse_assets.order_book.whales.events import Moment
from alphapulse_assets.order_book.whales.threshold_rules import read_thresholds
from alphapulse_assets.order_book.whales.thresholds import AlertThresholds, Subject, WhaleThresholds
from alphapulse_assets.order_book.whales.usd import KNOWN, MAX_RATE_AGE, Close, UsdRates, from_closes
from alphapulse_assets.order_book.whales.watch import WhaleWatch
from alphapulse_assets.streaming.market_stream import START_SECONDS
from alphapulse_assets.streaming.whale_settings import chosen
from alphapulse_resources.settings import Settings, Streams
from alphapulse_resources.streams.messages import Trade
from alphapulse_resources.streams.tables import ORDER_BOOK_STATUS, WHALE_ACTIVITIES
from alphapulse_resources.venues.depth import affordable_levels
from alphapulse_resources.venues.registry import BUCKETS, find_venue
from tests.unit.market_session_support import START, Heard, binance_depth, rest_book

NOW = 1_790_000_000.0
CLOSES = [
    Close("binance", "BTC", "USDT", 60_000.0, NOW - 60),
    Close("binance", "ETH", "BTC", 0.05, NOW - 120),
    Close("binance", "SOL", "ETH", 0.04, NOW),
    Close("binance", "USDT", "TRY", 40.0, NOW - 300),
    Close("coinbase", "BTC", "EUR", 50_000.0, NOW - 10),
]


def test_currencies_are_worth_what_stored_markets_say_over_as_many_as_it_takes() -> None:
    closes = CLOSES[:]
    random.Random(3).shuffle(closes)
    assert from_closes(closes, NOW) == from_closes(CLOSES, NOW)
    rates = UsdRates(closes=from_closes(closes, NOW))
    for currency, worth in {
        "BTC": 60_000.0, "ETH": 3_000.0, "SOL": 120.0, "TRY": 0.025, "EUR": 1.2, "USDC": 1.0, "USD": 1.0
    }.items():  # fmt: skip
        assert rates.of(currency).value == pytest.approx(worth)
    assert rates.of("ETH").source == "binance ETH/BTC, binance BTC/USDT"
    assert rates.of("JPY") == (KNOWN["JPY"], "table")
    for nobody in ("ABC", None):
        assert (math.isnan(rates.of(nobody).value), rates.of(nobody).source) == (True, "unknown")


def test_old_future_and_impossible_closes_are_none_and_the_newest_way_is_taken() -> None:
    old = Close("a", "BTC", "USDT", 1.0, NOW - MAX_RATE_AGE - 1)
    future, wrong = Close("a", "BTC", "USDT", 2.0, NOW + 1), Close("a", "BTC", "USDT", math.inf, NOW)
    assert from_closes([old, future, wrong, wrong._replace(price=0.0)], NOW) == {}
    newer, older = Close("b", "BTC", "USDC", 61_000.0, NOW - 1), Close("a", "BTC", "USDT", 60_000.0, NOW - 2)
    assert from_closes([older, newer], NOW)["BTC"].value == 61_000.0


def test_what_is_given_goes_before_everything_and_must_be_a_worth() -> None:
    given = UsdRates(given={"BTC": 1.0, "USDT": 0.5}, closes=from_closes(CLOSES, NOW))
    assert (given.of("BTC").value, given.of("USDT").value) == (1.0, 0.5)
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="a unit of BTC cannot be worth"):
            UsdRates(given={"BTC": wrong})


FILE = """
[usd]
idr = 0.00006

[[rules]]
whales = { floor = 50_000 }

[[rules]]
venue = "binance"
kind = "spot"
whales = { trade_floor = 200_000, cluster_levels = 4 }

[[rules]]
symbol = "ETH/BTC"
whales = { floor = 700_000.0 }
alerts = { whale_notional = 2e6, iceberg_notional = 3e6 }
"""


def test_thresholds_are_set_in_a_file_by_venue_kind_and_symbol_and_the_later_rule_goes_first(
    tmp_path: Path,
) -> None:
    file = tmp_path / "thresholds.toml"
    file.write_text(FILE)
    thresholds, rates = chosen(Settings(streams=Streams(thresholds_file=file), _env_file=None))  # type: ignore[call-arg]
    assert rates.of("IDR") == (0.00006, "given")
    everywhere = thresholds.of(Subject("bybit", "ABCUSDT", "ABC/USDT:USDT", "perpetual"))
    assert everywhere.whales == WhaleThresholds(floor=50_000)
    spot = thresholds.of(Subject("binance", "ETHBTC", "ETH/BTC", "spot"))
    assert spot.whales == WhaleThresholds(floor=700_000.0, trade_floor=200_000, cluster_levels=4)
    assert spot.alerts == AlertThresholds(whale_notional=2e6, iceberg_notional=3e6)
    assert chosen(Settings(streams=Streams(), _env_file=None))[0].of("X").whales == WhaleThresholds()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[usd", "Expected ']'"),
        ("[usd]\nBTC = 0", "cannot be worth 0"),
        ("[usd]\nBTC = 'much'", r"\[usd\] BTC wants a number"),
        ("[usd]\nBTC = nan", "wants a number"),
        ("[rates]\nBTC = 1", "no table is named rates"),
        ("[[rules]]\nvenue = 'binanse'", "rule 1: venue 'binanse' is not known: use .*binance"),
        ("[[rules]]\n[[rules]]\nkind = 'swap'", "rule 2: kind 'swap' is not known: use future, perpetual"),
        ("[[rules]]\nsymbols = ['A/B']", "symbols is not known: use venue, kind, symbol, whales"),
        ("[[rules]]\nsymbol = 3", "symbol wants a text"),
        ("[[rules]]\nwhales = { flor = 1 }", r"no whales thresholds \['flor'\]"),
        ("[[rules]]\nwhales = { floor = -1 }", "floors above 0"),
        ("[[rules]]\nwhales = { floor = true }", "whales.floor wants a number"),
        ("[[rules]]\nwhales = { cluster_levels = 2.5 }", "wants a whole number"),
        ("[[rules]]\nalerts = 5", "wanted alerts as a table"),
        ("rules = 5", "as a list of tables"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_name_and_place(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "thresholds.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=f"ALPHAPULSE_STREAMS__THRESHOLDS_FILE .*thresholds.toml: .*{why}"):
        chosen(Settings(streams=Streams(thresholds_file=file), _env_file=None))  # type: ignore[call-arg]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        chosen(Settings(streams=Streams(thresholds_file=tmp_path / "none.toml"), _env_file=None))  # type: ignore[call-arg]
    assert read_thresholds({}, ()) is not None


def wall_on(symbol: str, worth: float, rates: UsdRates, notional_usd: float = 15e6) -> Heard:
    """A market whose quote unit is `worth` USD; levels of 12,000 USD and then one of `notional_usd`."""
    heard = Heard()
    heard.session.price_in(rates)
    name = symbol.replace("/", "")
    heard.session.track(name, 7, START, subject=Subject("binance", name, symbol, "spot"))
    mid = 64_000.0 / worth
    size = 12_000.0 / 64_000.0
    levels = [
        [(mid * (1 + sign * n * 1e-5), size * (1 + n % 7 / 7)) for n in range(1, 300)] for sign in (-1, 1)
    ]
    heard.session.received("one", binance_depth(name, 100, 100, START), START)
    heard.session.snapshot(rest_book(name, 99, *levels), START + 0.01)
    at = START + 5.0
    wall = [(mid * (1 - 20.5e-5), notional_usd / 64_000.0)]
    heard.session.received("one", binance_depth(name, 101, 101, at, bids=wall), at)
    heard.session.tick(at + 0.1)
    heard.session.tick(at + 2.0)
    return heard


@pytest.mark.parametrize(
    ("symbol", "worth"),
    [("BTC/USDT", 1.0), ("BTC/EUR", 1.2), ("BTC/TRY", 0.025), ("ETH/BTC", 60_000.0), ("BTC/JPY", 0.0067)],
)
def test_the_same_wall_is_the_same_whale_whatever_it_is_quoted_in(symbol: str, worth: float) -> None:
    rates = UsdRates(closes=from_closes(CLOSES, NOW))
    heard = wall_on(symbol, worth, rates)
    (row,) = heard.rows(WHALE_ACTIVITIES)
    assert (row["kind"], row["cause"]) == ("wall_appeared", "placed")
    assert row["notional_usd"] == pytest.approx(15e6, rel=1e-3)
    assert row["notional"] == pytest.approx(15e6 / worth, rel=1e-3)
    (alert,) = (alert for alert in heard.alerts if alert.kind is AlertKind.WHALE)
    assert " USD (" in alert.title
    assert f" {symbol.partition('/')[2]})" in alert.title
    small = wall_on(symbol, worth, rates, notional_usd=90_000.0)
    assert small.rows(WHALE_ACTIVITIES) == []
    status = dict(heard.rows(ORDER_BOOK_STATUS)[-1])
    assert (status["usd_rate"], status["levels"]) == (pytest.approx(worth), 1000)


def test_where_the_worth_is_unknown_what_is_large_beside_the_rest_is_a_whale_and_that_is_said() -> None:
    heard = wall_on("ETH/BTC", 60_000.0, UsdRates())
    (row,) = heard.rows(WHALE_ACTIVITIES)
    assert (row["notional_usd"], json.loads(row["evidence"])["usd_rate"]) == (None, "unknown")
    (alert,) = (alert for alert in heard.alerts if alert.kind is AlertKind.WHALE)
    assert "249.9 BTC (worth in USD not known)" in alert.title
    assert json.loads(json.dumps(alert.detail, allow_nan=False))["notional_usd"] == "unknown"
    assert heard.rows(ORDER_BOOK_STATUS)[-1]["usd_rate_source"] == "unknown"
    ordinary = wall_on("ETH/BTC", 60_000.0, UsdRates(), notional_usd=24_000.0)
    assert ordinary.rows(WHALE_ACTIVITIES) == []


def test_a_rate_that_becomes_known_is_used_and_nothing_is_told_twice() -> None:
    heard = wall_on("ETH/BTC", 60_000.0, UsdRates())
    heard.session.price_in(UsdRates(closes=from_closes(CLOSES, NOW)))
    mid = 64_000.0 / 60_000.0
    for n, size in enumerate((300.0, 1.0), start=102):
        at = START + n
        depth = binance_depth("ETHBTC", n, n, at, asks=[(mid * (1 + 20.5e-5), size)])
        heard.session.received("one", depth, at)
    rows = heard.rows(WHALE_ACTIVITIES)
    assert [(row["kind"], row["side"]) for row in rows[:2]] == [
        ("wall_appeared", "bid"),
        ("wall_appeared", "ask"),
    ]
    assert rows[1]["notional_usd"] == pytest.approx(300 * 64_000.0, rel=1e-2)


@pytest.mark.parametrize(
    ("venue", "depths"),
    [
        ("binance", {1: 5000, 4: 5000, 5: 1000, 21: 1000, 22: 500, 42: 500, 43: 100, 900: 100}),
        ("binanceusdm", {1: 1000, 21: 1000, 22: 500, 42: 500, 43: 100, 900: 100}),
    ],
)
def test_books_are_as_deep_as_the_document_says(venue: str, depths: dict[int, int]) -> None:
    bucket = BUCKETS[find_venue(venue).buckets["rest"]]
    assert {n: affordable_levels(venue, n, 0.5 * bucket.rate * START_SECONDS) for n in depths} == depths


def test_trades_and_icebergs_have_floors_of_their_own() -> None:
    told: dict[str, list[Any]] = {}
    for floor in (None, 5e6):
        watch = WhaleWatch("X", WhaleThresholds(trade_floor=floor, quantile=0.9))
        watch.on_synced([(999.9, 5.0)], [(1000.1, 5.0)], 1000.0, Moment(0.9, 1.0))
        events = []
        for n in range(121):
            size = 100.0 + n % 10 if n < 120 else 3000.0
            events += watch.on_trade(Trade("X", str(n), 1000.0, size, True, 1_000 + n), 1.0 + n / 1e3)
        told[str(floor)] = [event.kind for event in events]
    assert told == {"None": ["large_trade"], "5000000.0": []}
