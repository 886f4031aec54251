"""Funding rates and open interest as what can be imported and filled: table, rules, what is compared."""

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
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
)
from alphapulse_resources.database.tables import Table
from alphapulse_resources.futures_history.files.options import FUNDING, Kind
from alphapulse_resources.futures_history.files.options import OPEN_INTEREST as OPEN_INTEREST_FILES
from alphapulse_resources.futures_history.rows import funding_known_at, open_interest_known_at
from alphapulse_resources.futures_history.settlements import LOOK_BACK, missing

GAP: Final = 1.5
"""Rows so many of their usual distances apart have others missing between them (ours)."""


@dataclass(frozen=True, slots=True)
class PastKind:
    """One of the two data sets."""

    dataset: str
    files: Kind
    table: Table
    schema: pl.Schema
    rules: Mapping[str, pl.Expr]
    compared: tuple[str, ...]  # in what two rows of one moment may not differ
    stored: tuple[str, ...]  # columns that are read of what is stored, beside `ts` and `source`
    known_at: Callable[[], pl.Expr]
    beside: timedelta  # so much before and after a window tells about its rows
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
    "funding_rates",
    FUNDING,
    FUNDING_RATES,
    FUNDING_SCHEMA,
    FUNDING_RULES,
    ("rate", "mark_price"),
    ("rate", "mark_price", "interval_hours"),
    funding_known_at,
    LOOK_BACK,
    settlement_holes,
)
OPEN_INTEREST_PAST: Final = PastKind(
    "open_interest",
    OPEN_INTEREST_FILES,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    OPEN_INTEREST_RULES,
    ("contracts", "base_amount", "quote_value"),
    ("contracts", "base_amount", "quote_value"),
    open_interest_known_at,
    timedelta(0),
    reading_holes,
)
PAST_KINDS: Final = {kind.files: kind for kind in (FUNDING_PAST, OPEN_INTEREST_PAST)}


def first_and_last(rows: pl.DataFrame) -> tuple[datetime, datetime]:
    """Times of the first and the last of ordered rows."""
    return rows["ts"][0], rows["ts"][-1]
