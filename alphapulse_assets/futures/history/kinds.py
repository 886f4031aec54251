"""What has a past that can be filled, and, of funding rates and open interest, imported: tables and rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.candles.gaps import Stretch
from alphapulse_assets.futures.history.judging import FUNDING_RULES, OPEN_INTEREST_RULES
from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    LONG_SHORT_RATIOS,
    LONG_SHORT_SCHEMA,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    TAKER_FLOW,
    TAKER_FLOW_SCHEMA,
)
from alphapulse_resources.database.tables import Table
from alphapulse_resources.futures_history.files.options import FUNDING, Kind
from alphapulse_resources.futures_history.files.options import OPEN_INTEREST as OPEN_INTEREST_FILES
from alphapulse_resources.futures_history.rows import (
    funding_known_at,
    open_interest_known_at,
    period_known_at,
)
from alphapulse_resources.futures_history.settlements import LOOK_BACK, missing

GAP: Final = 1.5
"""Rows so many of their usual distances apart have others missing between them (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A data set of the past of contracts."""

    dataset: str
    table: Table
    schema: pl.Schema
    known_at: Callable[[], pl.Expr]
    moments: str  # the statement that tells at which moments there are rows
    beside: timedelta = timedelta(0)  # so much before and after a window tells about its rows
    contracts: tuple[str, ...] = ("perpetual",)  # kinds of instruments that have it


@dataclass(frozen=True, slots=True, kw_only=True)
class PastKind(Past):
    """One that files hold, too."""

    files: Kind
    rules: Mapping[str, pl.Expr]
    compared: tuple[str, ...]  # in what two rows of one moment may not differ
    stored: tuple[str, ...]  # columns that are read of what is stored, beside `ts` and `source`
    holes: Callable[[pl.DataFrame], list[tuple[Stretch, int]]]  # stretches without rows, and how many lack


def settlement_holes(rows: pl.DataFrame) -> list[tuple[Stretch, int]]:
    """Settlements that should be there by the intervals and are not."""
    return [(Stretch(each.start, each.end), each.count) for each in missing(rows)]


def reading_holes(rows: pl.DataFrame) -> list[tuple[Stretch, int]]:
    """Moments without open interest, where rows lie further apart than they usually do."""
    times = rows["ts"].unique().sort()
    apart = times.diff().drop_nulls()
    if apart.len() < 2:
        return []
    step: timedelta = apart.median()  # type: ignore[assignment]
    return holes_of(times, step)


def holes_of(times: pl.Series, step: timedelta) -> list[tuple[Stretch, int]]:
    """Stretches of ordered times that lack steps."""
    apart = times.diff().drop_nulls()
    wide = (apart > GAP * step).arg_true().to_list()
    return [
        (Stretch(times[place] + step, times[place + 1]), round(apart[place] / step) - 1)
        for place in wide
        if times[place] + step < times[place + 1]
    ]


FUNDING_PAST: Final = PastKind(
    dataset="funding_rates",
    files=FUNDING,
    table=FUNDING_RATES,
    schema=FUNDING_SCHEMA,
    rules=FUNDING_RULES,
    compared=("rate", "mark_price"),
    stored=("rate", "mark_price", "interval_hours"),
    known_at=funding_known_at,
    beside=LOOK_BACK,
    holes=settlement_holes,
    moments="moments_of_funding",
)
OPEN_INTEREST_PAST: Final = PastKind(
    dataset="open_interest",
    files=OPEN_INTEREST_FILES,
    table=OPEN_INTEREST,
    schema=OPEN_INTEREST_SCHEMA,
    rules=OPEN_INTEREST_RULES,
    compared=("contracts", "base_amount", "quote_value"),
    stored=("contracts", "base_amount", "quote_value"),
    known_at=open_interest_known_at,
    holes=reading_holes,
    moments="moments_of_open_interest",
    contracts=("perpetual", "future"),
)
RATIOS_PAST: Final = Past(
    dataset="long_short_ratios",
    table=LONG_SHORT_RATIOS,
    schema=LONG_SHORT_SCHEMA,
    known_at=period_known_at,
    moments="moments_of_ratios",
)
FLOW_PAST: Final = Past(
    dataset="taker_flow",
    table=TAKER_FLOW,
    schema=TAKER_FLOW_SCHEMA,
    known_at=period_known_at,
    moments="moments_of_flow",
)
PAST_KINDS: Final = {kind.files: kind for kind in (FUNDING_PAST, OPEN_INTEREST_PAST)}


def first_and_last(rows: pl.DataFrame) -> tuple[datetime, datetime]:
    """Times of the first and the last of ordered rows."""
    return rows["ts"][0], rows["ts"][-1]
