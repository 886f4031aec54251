"""How a venue words the past of its futures, page by page: funding, open interest, ratios, flow. Pure.

Each venue's own words are in its folder, in `past`. Answers become the rows of `futures_history.rows`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from alphapulse_resources.futures_history.rows import (
    FLOW_SCHEMA,
    FUNDING_SCHEMA,
    OPEN_INTEREST_SCHEMA,
    RATIO_SCHEMA,
)
from alphapulse_resources.futures_history.settlements import to_minutes
from alphapulse_resources.venues.futures_api import Answer, Flow, Question, Ratio, Settled
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
    ratios: Mapping[str, PastSeries] = field(default_factory=dict)
    """Long/short ratios by their kind; all of one window and one reach."""
    flow: PastSeries | None = None
    """What takers bought and sold."""
    archives: str | None = None
    """Where Binance's bulk archives have funding and open interest: data/futures/um."""

    def series(self, dataset: str) -> dict[str, PastSeries]:
        """The series that a data set is made of, by name; none where the venue does not tell them."""
        if dataset == "long_short_ratios":
            return dict(self.ratios)
        one = {"funding_rates": self.funding, "open_interest": self.open_interest, "taker_flow": self.flow}
        return {dataset: found} if (found := one.get(dataset)) is not None else {}


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


def past_ratios(kind: str, answer: Answer[Ratio], cursor: str | None = None) -> PastAnswer:
    """An answer of ratios of a kind as a page's part, at the times that the venue gives."""
    rows = [(each.ts, kind, each.long_share, each.short_share, each.ratio) for each in answer.rows]
    return PastAnswer(pl.DataFrame(rows, RATIO_SCHEMA, orient="row"), answer.rejects, cursor)


def past_flow(answer: Answer[Flow]) -> PastAnswer:
    """An answer of what takers did, at the times that the venue gives."""
    return PastAnswer(
        pl.DataFrame([tuple(each) for each in answer.rows], FLOW_SCHEMA, orient="row"), answer.rejects
    )
