"""How a venue words the past of its futures: settlements and open interest, page by page. Pure: no I/O.

Each venue's own words are in its folder, in `past`. Answers become the rows of `futures_history.rows`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from alphapulse_resources.futures_history.rows import FUNDING_SCHEMA, OPEN_INTEREST_SCHEMA
from alphapulse_resources.futures_history.settlements import to_minutes
from alphapulse_resources.venues.futures_api import Answer, Question, Settled
from alphapulse_resources.venues.model import Reject


class Reading(NamedTuple):
    """Open interest at a moment, as far as the venue tells it."""

    ts: datetime
    contracts: float
    base_amount: float | None = None
    quote_value: float | None = None


class PastAnswer(NamedTuple):
    """What one answer held: rows, those that could not be read, the venue's word for what follows."""

    rows: pl.DataFrame
    rejects: list[Reject]
    cursor: str | None = None


class Asked(NamedTuple):
    """What one request is about: a symbol of a kind of contract, from `first` to `last`, both included."""

    symbol: str
    contract: str
    first: datetime
    last: datetime
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PastSeries:
    """One kind of rows of a venue's past over REST."""

    ask: Callable[[Asked], Question[PastAnswer]]
    window: timedelta
    """So much is asked for at once, in as many requests as it takes."""
    step: timedelta
    """Rows never lie closer together: behind a row so near the end there is none."""
    newest_first: bool = False
    """Whether an answer that is cut short holds the newest rows of what was asked for."""
    reach: timedelta | None = None
    """How far back the venue keeps it; None: to the beginning."""


@dataclass(frozen=True, slots=True)
class FuturesPast:
    """The past of a venue's futures; None: the venue does not tell it."""

    funding: PastSeries | None
    open_interest: PastSeries | None
    archives: str | None = None
    """Where Binance's bulk archives have it: data/futures/um."""


def settled_frame(answer: Answer[Settled]) -> pl.DataFrame:
    """FUNDING_SCHEMA of settlements as a venue tells them, without their intervals."""
    frame = pl.DataFrame(
        [(each.at, each.at, each.rate, None, each.mark) for each in answer.rows],
        FUNDING_SCHEMA,
        orient="row",
    )
    return frame.with_columns(to_minutes(frame["ts"]).alias("ts"))


def reading_frame(rows: Iterable[Reading]) -> pl.DataFrame:
    """OPEN_INTEREST_SCHEMA of readings."""
    return pl.DataFrame([tuple(each) for each in rows], OPEN_INTEREST_SCHEMA, orient="row")
