"""What a picture of derived rows shows: the last bars of one symbol, in a timeframe that a run computed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

import polars as pl

from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, Subject

BARS_SHOWN: Final = 240
_SHOWN_FIRST: Final = ("1h", "15m", "5m", "1m", "4h", "1d", "1w")


class PlotScope(NamedTuple):
    """Whose last bars a picture shows, and before when."""

    subject: Subject
    timeframe: str
    end: datetime

    @property
    def title(self) -> str:
        """Symbol and timeframe."""
        return f"{self.subject} {self.timeframe}"


class PlotData(NamedTuple):
    """What goes into a picture: candles, what is marked on them, and whose they are."""

    candles: pl.DataFrame
    marks: pl.DataFrame
    title: str


def with_marks(found: Iterable[PlotData | None]) -> PlotData | None:
    """The first with something to mark, or the first of all where none has; None where there are no bars."""
    first = None
    for each in found:
        if each is not None and not each.marks.is_empty():
            return each
        first = first or each
    return first


def what_to_show(derived: DerivationResult) -> PlotScope | None:
    """The first symbol of a run in the first of the timeframes that tell most; None where nothing was due."""
    return next(all_to_show(derived), None)


def all_to_show(derived: DerivationResult) -> Iterator[PlotScope]:
    """The first symbol of a run in each timeframe that was due, those that tell most first."""
    for name in _SHOWN_FIRST:
        if derived.subjects and name in derived.windows:
            yield PlotScope(derived.subjects[0], name, derived.windows[name][-1][1])


def newest_rows(database: Database, derived: DerivationResult, query: str) -> tuple[pl.DataFrame, str] | None:
    """The rows that `sql/<query>.sql` gives for the first symbol of a run, and whose they are.

    None where fewer than two bars were computed.
    """
    shown = what_to_show(derived)
    if shown is None:
        return None
    frame = database.read(
        statement(query),
        (
            shown.subject.instrument_id,
            TIMEFRAME_IDS[shown.timeframe],
            derived.version,
            shown.end,
            BARS_SHOWN,
        ),
    )
    return (frame, shown.title) if frame.height > 1 else None
