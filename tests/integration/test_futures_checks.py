"""What is promised of futures data, checked on stored rows, and contract sizes as the venues tell them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from candle_frames import register
from venue_support import NOW, MakeClient

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.futures.dataset import DATASETS
from alphapulse_assets.futures.tables import (
    FUNDING_SCHEMA,
    LONG_SHORT_SCHEMA,
    MARK_PRICE_SCHEMA,
    OPEN_INTEREST_SCHEMA,
    TAKER_FLOW_SCHEMA,
    whole_rows,
)
from alphapulse_assets.instruments.resolve import resolve_venue
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.venues.markets import read_market

pytest_plugins = ("venue_fixtures",)
AT = datetime(2026, 11, 29, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD: dict[str, tuple[pl.Schema, list[dict[str, Any]]]] = {
    "open_interest": (
        OPEN_INTEREST_SCHEMA,
        [{"contracts": 1.0, "quote_value": 5.0}, {"contracts": 2.0, "not_converted": "no price"}],
    ),
    "funding_rates": (FUNDING_SCHEMA, [{"rate": 1e-4, "interval_hours": 1.0}, {"rate": -1e-4}]),
    "mark_prices": (MARK_PRICE_SCHEMA, [{"mark_price": 5.0, "index_price": 5.1, "funding_rate": 1e-4}] * 2),
    "long_short_ratios": (
        LONG_SHORT_SCHEMA,
        [{"kind": "accounts", "timeframe_id": 5, "long_share": 0.6, "short_share": 0.4}] * 2,
    ),
    "taker_flow": (TAKER_FLOW_SCHEMA, [{"timeframe_id": 5, "buy_volume": 1.0, "sell_volume": 0.0}] * 2),
}
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("open_interest", {"contracts": -1.0, "quote_value": 1.0}, "rules"),
    ("open_interest", {"contracts": 1.0}, "converted"),
    ("funding_rates", {"rate": 0.06}, "rules"),
    ("funding_rates", {"rate": 1e-4, "interval_hours": 8.0}, "settlements_in_order"),
    ("funding_rates", {"rate": 1e-4, "settled_at_original": AT}, "settlements_in_order"),
    ("mark_prices", {"mark_price": 0.0}, "rules"),
    ("mark_prices", {"mark_price": 5.0, "index_price": 3.0}, "basis_is_small"),
    ("long_short_ratios", {"kind": "accounts", "timeframe_id": 5, "long_share": 0.6, "short_share": 0.6},
     "shares_are_whole"),
    ("taker_flow", {"timeframe_id": 5, "buy_volume": -1.0, "sell_volume": 0.0}, "rules"),
]  # fmt: skip


@pytest.fixture
def instrument(database: Database) -> int:
    return register(database, ["BTC/USDT:USDT"], "binanceusdm")[0]


def store(database: Database, name: str, instrument: int, rows: list[dict[str, Any]]) -> None:
    """Rows of a data set, an hour apart from AT on, past the collector's own judging."""
    (dataset,) = [each for each in DATASETS if each.name == name]
    frame = pl.DataFrame(
        [{**row, "ts": AT + number * HOUR, "known_at": AT + 10 * HOUR} for number, row in enumerate(rows)],
        infer_schema_length=None,
    ).with_columns(instrument_id=pl.lit(instrument), source=pl.lit("rest"), received_at=pl.col("known_at"))
    if name == "funding_rates" and "settled_at_original" in frame.columns:
        frame = frame.with_columns(pl.col("settled_at_original").fill_null(pl.col("ts")))
    with database.transaction() as connection:
        database.upsert(connection, dataset.tables[0], whole_rows(frame, GOOD[name][0]))


def failed(database: Database, name: str, *, lightweight: bool) -> set[str]:
    """The checks of a data set that fail on the day of AT."""
    (dataset,) = [each for each in DATASETS if each.name == name]
    scope = CheckScope(DerivedStore(database), [f"{AT:%Y-%m-%d}|binanceusdm"], lightweight)
    return {each.name for each in dataset.checks if not each.run(scope, dataset).passed}


def test_rows_that_are_right_pass_every_check(database: Database, instrument: int) -> None:
    for name, (_, rows) in GOOD.items():
        store(database, name, instrument, rows)
        assert failed(database, name, lightweight=False) == set(), name
        assert failed(database, name, lightweight=True) == set(), name


def test_each_check_fails_for_what_it_is_about(database: Database, instrument: int) -> None:
    for name, row, check in BROKEN:
        store(database, name, instrument, [*GOOD[name][1], row])
        assert check in failed(database, name, lightweight=True), (name, row)
        database.execute(f"DELETE FROM {next(d for d in DATASETS if d.name == name).tables[0].name}")


def test_a_rate_beyond_five_percent_is_believed_where_the_venue_allows_it(
    database: Database, instrument: int
) -> None:
    store(database, "funding_rates", instrument, [{"rate": 0.06, "rate_cap": 0.075}])
    assert failed(database, "funding_rates", lightweight=True) == set()


def test_contract_sizes_are_stored_as_the_venue_lists_them(
    database: Database, make_client: MakeClient
) -> None:
    database.execute("SELECT track_symbol('bybit', s) FROM unnest(ARRAY['BTC/USDT', 'BTC/USDT:USDT']) AS s")
    resolve_venue(database, "bybit", make_client().markets("bybit"), now=NOW)
    rows = database.rows("SELECT symbol, contract_kind, contract_size FROM instruments ORDER BY symbol")
    assert [tuple(row.values()) for row in rows] == [
        ("BTC/USDT", None, None),
        ("BTC/USDT:USDT", "linear", 1.0),
    ]


@pytest.mark.parametrize(
    ("symbol", "settle", "kind"),
    [("USD", "BTC", "inverse"), ("USDT", "USDT", "linear"), ("USD", "XBT", "quanto")],
)
def test_a_contract_is_linear_inverse_or_quanto_by_what_it_is_settled_in(
    symbol: str, settle: str, kind: str
) -> None:
    entry = {
        "type": "swap", "symbol": f"BTC/{symbol}:{settle}", "id": "BTCUSD_PERP", "base": "BTC",
        "quote": symbol, "settle": settle, "contractSize": 100.0,
    }  # fmt: skip
    market = read_market("binanceusdm", entry)
    assert (market.contract_kind, market.contract_size) == (kind, 100.0)
    spot = read_market("binance", {**entry, "type": "spot", "settle": None, "contractSize": None})
    assert (spot.contract_kind, spot.contract_size) == (None, None)
