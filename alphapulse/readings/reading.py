"""A reading: one question that can be asked of the data, with its parameters, its order and its words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from alphapulse.readings.filters import SYMBOL, VENUE, Filter

MOST_ROWS: Final = 20_000
"""Rows of one page at most (ours): 20,000 candles are a megabyte."""
EVERY_ROW: Final = 10_000_000
"""Rows of an answer without pages at most (ours): nineteen years of minutes, a gigabyte or two of memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A question: rows of one relation.

    relation: table or view whose columns the rows have, and where they come from if there is no `statement`.
    statement: file of `sql/api` that gives the rows instead; `{name}` in it stands for a parameter.
    order: columns that order the rows and are unique together; a page goes on after their last values.
    may_lack: those of them that can be null, each with what it is ordered as then.
    time: column that `start` (inclusive) and `end` (exclusive) select, None where there is none.
    by_day: `time` is a date, which is its midnight in UTC.
    known: column that `as_of` holds back (rows known at or before it), None where a row has no such time.
    as_of_statement: file of `sql/api` that gives the rows as they were known at `{as_of}`.
    no_as_of: why `as_of` cannot be honoured, where it cannot.
    newest_first: rows come newest first, and a limit keeps the newest.
    needs: filters without which it is not answered: it would read too much.
    span: without symbol and `start`, only this much before `end` is looked at; the answer says so.
    is_now: what is so at this moment, which is never the same for long.
    """

    name: str
    path: str
    relation: str
    summary: str
    filters: tuple[Filter, ...] = (SYMBOL, VENUE)
    order: tuple[str, ...] = ("ts", "venue", "symbol")
    may_lack: tuple[tuple[str, str], ...] = ()
    time: str | None = "ts"
    by_day: bool = False
    known: str | None = "known_at"
    statement: str | None = None
    as_of_statement: str | None = None
    no_as_of: str | None = None
    newest_first: bool = True
    limit: int = 1_000
    hidden: tuple[str, ...] = ("instrument_id", "timeframe_id", "logic_version", "created_at")
    """Columns that are not shown unless they are asked for."""
    needs: tuple[str, ...] = ()
    span: timedelta | None = None
    is_now: bool = False
    tags: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str], ...] = ()
    """What columns mean that no relation has."""

    def filter_named(self, name: str) -> Filter | None:
        """The filter of that name."""
        return next((each for each in self.filters if each.name == name), None)

    @property
    def honours_as_of(self) -> bool:
        """Whether `as_of` can be asked for."""
        return self.no_as_of is None and (self.known is not None or self.as_of_statement is not None)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `$1`, `$2` ... and what stands for them."""

    text: str
    arguments: tuple[Any, ...]


class RefusedError(ValueError):
    """A parameter that cannot be; `parameter` names it, the message says what would do."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
