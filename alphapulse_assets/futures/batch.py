"""Rows of the tables out of what venues answered. Pure.

Symbols are the venue's; `contracts` says which instrument each is and how much a contract of it is: a frame
with instrument_id, symbol, venue_symbol, contract_kind and contract_size.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.futures.contracts import convert
from alphapulse_assets.futures.settlements import settlement_minute, with_intervals
from alphapulse_assets.futures.tables import (
    FUNDING_SCHEMA,
    INSTANT,
    LONG_SHORT_SCHEMA,
    MARK_PRICE_SCHEMA,
    OPEN_INTEREST_SCHEMA,
    TAKER_FLOW_SCHEMA,
    whole_rows,
)
from alphapulse_resources.venues.futures_api import (
    DEFAULT_INTERVAL_HOURS,
    Flow,
    Interest,
    Ratio,
    Settled,
    State,
    Terms,
)

FIVE_MINUTES: Final = 5
"""timeframe_id of the periods that are collected."""
REST: Final = "rest"
_INTEREST: Final = pl.Schema(
    {"venue_symbol": pl.String(), "ts": INSTANT, "contracts": pl.Float64(), "known_at": INSTANT}
)
_SETTLED: Final = pl.Schema(
    {
        "venue_symbol": pl.String(),
        "settled_at_original": INSTANT,
        "rate": pl.Float64(),
        "mark_price": pl.Float64(),
        "known_at": INSTANT,
    }
)


def price_rows(
    contracts: pl.DataFrame,
    states: Iterable[tuple[State, datetime]],
    terms: Mapping[str, Terms] | None,
) -> pl.DataFrame:
    """MARK_PRICE_SCHEMA of the states of these contracts, each with when it was known.

    `terms` are those of symbols that differ from the usual 8 hours; None: they are not known, and an interval
    that the state itself does not tell stays null.
    """
    rows = [
        {
            "venue_symbol": state.symbol,
            "ts": state.ts,
            "mark_price": state.mark,
            "index_price": state.index_price,
            "last_price": state.last,
            "funding_rate": state.funding_rate,
            "next_funding_at": state.next_funding_at,
            **_terms(state, terms),
            "known_at": known_at,
            "source": REST,
        }
        for state, known_at in states
    ]
    return _of(contracts, _frame(rows, MARK_PRICE_SCHEMA), MARK_PRICE_SCHEMA)


def _terms(state: State, terms: Mapping[str, Terms] | None) -> dict[str, float | None]:
    found = (terms or {}).get(state.symbol)
    hours = state.interval_hours
    if hours is None and terms is not None and state.next_funding_at is not None:
        hours = found.interval_hours if found else DEFAULT_INTERVAL_HOURS
    return {
        "interval_hours": hours,
        "funding_floor": found.floor if found else state.floor,
        "funding_cap": found.cap if found else state.cap,
    }


def interest_rows(
    contracts: pl.DataFrame, told: Iterable[tuple[Interest, datetime]], marks: Mapping[str, float]
) -> pl.DataFrame:
    """OPEN_INTEREST_SCHEMA of what was told, converted by contract size and, where needed, mark price."""
    frame = pl.DataFrame(
        [(each.symbol, each.ts, each.contracts, known_at) for each, known_at in told],
        _INTEREST,
        orient="row",
    )
    prices = pl.DataFrame(
        {"venue_symbol": list(marks), "price": list(marks.values())},
        {"venue_symbol": pl.String(), "price": pl.Float64()},
    )
    priced = frame.join(prices, on="venue_symbol", how="left").with_columns(source=pl.lit(REST))
    known = contracts.select("venue_symbol", "contract_kind", "contract_size")
    return _of(contracts, convert(priced.join(known, on="venue_symbol")), OPEN_INTEREST_SCHEMA)


def settled_rows(contracts: pl.DataFrame, told: Iterable[tuple[Settled, datetime]]) -> pl.DataFrame:
    """FUNDING_SCHEMA of settlements, with the hours that each is for.

    `contracts` also has settled_at, the newest settlement that is stored, and interval_hours, what the venue
    says now. A symbol's settlements have to be told without holes from settled_at on, where it is not null;
    those up to it are left out.
    """
    frame = pl.DataFrame(
        [(each.symbol, each.at, each.rate, each.mark, known_at) for each, known_at in told],
        _SETTLED,
        orient="row",
    )
    rows = frame.join(
        contracts.select("venue_symbol", "instrument_id", "settled_at", told="interval_hours"),
        on="venue_symbol",
    ).with_columns(ts=settlement_minute(pl.col("settled_at_original")), source=pl.lit(REST))
    # two of one settlement, told a few milliseconds apart, are one: the first
    rows = rows.sort("settled_at_original").unique(["instrument_id", "ts"], keep="first")
    rows = rows.filter(pl.col("settled_at").is_null() | (pl.col("ts") > pl.col("settled_at")))
    stored = contracts.drop_nulls("settled_at").select("instrument_id", ts="settled_at")
    dated = with_intervals(pl.concat([rows, stored], how="diagonal"), pl.col("told"))
    return whole_rows(dated.drop_nulls("rate").sort("instrument_id", "ts"), FUNDING_SCHEMA)


def ratio_rows(contracts: pl.DataFrame, told: Iterable[tuple[str, str, Ratio, datetime]]) -> pl.DataFrame:
    """LONG_SHORT_SCHEMA of ratios, each with the venue's symbol and its kind."""
    rows = [
        {
            "venue_symbol": symbol,
            "kind": kind,
            "timeframe_id": FIVE_MINUTES,
            **each._asdict(),
            "known_at": known_at,
            "source": REST,
        }
        for symbol, kind, each, known_at in told
    ]
    return _of(contracts, _frame(rows, LONG_SHORT_SCHEMA), LONG_SHORT_SCHEMA)


def flow_rows(contracts: pl.DataFrame, told: Iterable[tuple[str, Flow, datetime]]) -> pl.DataFrame:
    """TAKER_FLOW_SCHEMA of what takers did, each with the venue's symbol."""
    rows = [
        {
            "venue_symbol": symbol,
            "timeframe_id": FIVE_MINUTES,
            **each._asdict(),
            "known_at": known_at,
            "source": REST,
        }
        for symbol, each, known_at in told
    ]
    return _of(contracts, _frame(rows, TAKER_FLOW_SCHEMA), TAKER_FLOW_SCHEMA)


def _frame(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    wider: dict[str, pl.DataType] = {"venue_symbol": pl.String(), **schema}
    return pl.DataFrame(rows, {name: wider[name] for name in rows[0]} if rows else wider)


def _of(contracts: pl.DataFrame, frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The rows of the contracts, with their keys, in `schema`."""
    keyed = frame.drop("instrument_id", strict=False)
    known = contracts.select("venue_symbol", "instrument_id")
    rows = keyed.join(known, on="venue_symbol", how="inner")
    # clocks differ by some milliseconds: nothing was known before it was so
    return whole_rows(rows.with_columns(known_at=pl.max_horizontal("known_at", "ts")), schema)
