"""A reading: one question that can be asked of the data, with its parameters, its order and its words."""

from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["text", "number", "integer", "boolean", "time", "texts"]
Comparison = Literal["=", ">=", "<=", ">", "<"]

MOST_ROWS: Final = 20_000
"""Rows of one page at most (ours): 20,000 candles are a megabyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A parameter that leaves rows out: `column <comparison> value`; several values mean any of them."""

    name: str
    meaning: str
    kind: Kind = "text"
    column: str | None = None  # the parameter's name where it is None
    comparison: Comparison = "="
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str | None = None

    @property
    def of(self) -> str:
        """The column that it looks at."""
        return self.column or self.name


SYMBOL: Final = Filter(
    name="symbol", meaning="Unified symbol, or several with commas.", kind="texts", example="BTC/USDT"
)
VENUE: Final = Filter(name="venue", meaning="Venue, or several with commas.", kind="texts", example="binance")
TIMEFRAME: Final = Filter(name="timeframe", meaning="Length of the bars.", example="1h")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A question: rows of one relation.

    order: columns that order the rows and are unique together; a page goes on after their last values.
    time: column that `start` (inclusive) and `end` (exclusive) select, None where there is none.
    known: column that `as_of` holds back (rows known at or before it), None where a row has no such time.
    newest_first: rows come newest first, and a limit keeps the newest.
    """

    name: str
    path: str
    relation: str
    summary: str
    filters: tuple[Filter, ...] = (SYMBOL, VENUE)
    order: tuple[str, ...] = ("ts", "venue", "symbol")
    time: str | None = "ts"
    known: str | None = "known_at"
    newest_first: bool = True
    limit: int = 1_000
    hidden: tuple[str, ...] = ()
    """Columns that are not shown unless they are asked for."""
    tags: tuple[str, ...] = ()

    def filter_named(self, name: str) -> Filter | None:
        """The filter of that name."""
        return next((each for each in self.filters if each.name == name), None)


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
