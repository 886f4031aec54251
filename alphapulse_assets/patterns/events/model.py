"""The one shape all patterns have downstream of their detectors, whatever family they are of. Pure.

A row says that something happened to a pattern at a bar: a candlestick pattern was there, a volume pattern
was seen, a chart pattern is forming, broke out, met its target, failed or ran out of time. Rows are facts
of the bar's close (`known_at`) and are never rewritten: what becomes of a chart pattern is a further row
with the same `reference`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Self

import polars as pl

from alphapulse_assets.core.timeframes import bar_length

PATTERN_TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
"""The hierarchy, lowest first; neighbours here are consecutive timeframes."""

FAMILIES: Final = ("candlestick", "chart", "volume")
DIRECTIONS: Final = ("bearish", "neutral", "bullish")

CONFIRMED: Final = "complete"
"""The stage of a pattern that is there: of candlestick and volume patterns the only one, of chart patterns
the breakout that its rules confirmed."""

ENDED: Final = ("evolved", "expired", "failed", "target_met")
"""The stages after which a chart pattern says nothing any more."""

STAGES: Final = ("forming", CONFIRMED, *ENDED)

NATURES: Final = ("breakout", "continuation", "indecision", "reversal")

PATTERN_EVENT_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),  # one of PATTERN_TIMEFRAMES
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar at which it happened
        "known_at": pl.Datetime("us", "UTC"),  # the bar's close
        "family": pl.String(),  # one of FAMILIES
        "pattern": pl.String(),
        "nature": pl.String(),  # one of NATURES; null where the detector does not say
        "direction": pl.String(),  # bullish, bearish or neutral
        "stage": pl.String(),  # one of STAGES; "complete" for candlestick and volume patterns
        "strength": pl.Float64(),  # 0..100: how clearly it meets its definition (TA-Lib's 100 is 50)
        "price": pl.Float64(),  # close of the bar
        "breakout_level": pl.Float64(),  # null for candlesticks
        "target": pl.Float64(),  # null where the pattern promises none
        "invalidation": pl.Float64(),  # beyond it the pattern is wrong; null where it has none
        "atr": pl.Float64(),  # of 14 bars at that bar; null in its warm-up and where nothing moved
        "reference": pl.String(),  # the pattern's id: the same on all rows of one life; null without a life
        "logic_version": pl.Int64(),  # of the detector
    }
)
"""One row per event. instrument_id and IDENTITY are unique."""

IDENTITY: Final = ("timeframe", "known_at", "family", "pattern", "direction", "stage", "reference")
"""What tells one event of an instrument from another."""

DAILY_DELAY: Final = timedelta(hours=6)
"""After the end of a day until what is told of it as a whole is taken as known (ours).

Success rates and the market's regime rest on all symbols, so they are there some while after midnight. With
the delay a stream has them when the batch says they were known, and both say the same.
"""

_PLACES: Final = {name: place for place, name in enumerate(PATTERN_TIMEFRAMES)}
ORDER: Final = (
    pl.col("known_at"),
    pl.col("timeframe").replace_strict(_PLACES, return_dtype=pl.Int64),
    pl.col("family"),
    pl.col("pattern"),
    pl.col("direction"),
    pl.col("stage"),
    pl.col("reference"),
)
"""The order in which events count: it decides ties, so it is the same everywhere."""


def is_flag(family: str, direction: str) -> bool:
    """Whether a row is a flag of its bar and no event: a neutral candlestick or volume pattern.

    It has no direction in which it could be right, so it gets no confidence, no outcome and no relationship;
    the view `bar_flags` shows it. A neutral chart pattern is an event: its breakout gives it a direction.
    """
    return direction == "neutral" and family != "chart"


class PatternEvent(NamedTuple):
    """One row of PATTERN_EVENT_SCHEMA."""

    instrument_id: int
    timeframe: str
    ts: datetime
    known_at: datetime
    family: str
    pattern: str
    nature: str | None
    direction: str
    stage: str
    strength: float
    price: float
    breakout_level: float | None
    target: float | None
    invalidation: float | None
    atr: float | None
    reference: str | None
    logic_version: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The event in a row with these names (more do not matter)."""
        return cls(*(row[name] for name in cls._fields))


def place(timeframe: str) -> int:
    """Where a timeframe stands in the hierarchy, 0 for the lowest.

    Raises:
        ValueError: one that is not in it.
    """
    if timeframe not in _PLACES:
        raise ValueError(f"timeframe {timeframe!r} has no place among {', '.join(PATTERN_TIMEFRAMES)}")
    return _PLACES[timeframe]


def order_of(event: PatternEvent) -> tuple[Any, ...]:
    """What ORDER sorts by, of a single event: nulls first, as polars has them."""
    reference = (event.reference is not None, event.reference or "")
    return (
        event.known_at,
        place(event.timeframe),
        event.family,
        event.pattern,
        event.direction,
        event.stage,
        reference,
    )


def ordered(events: pl.DataFrame) -> pl.DataFrame:
    """The events of one instrument (PATTERN_EVENT_SCHEMA, more columns stay), checked, in ORDER.

    Raises:
        ValueError: events of several instruments, one twice, or one that cannot be; the message names it.
    """
    if missing := [name for name in PATTERN_EVENT_SCHEMA if name not in events.columns]:
        raise ValueError(f"pattern events have no columns {missing}")
    if events["instrument_id"].n_unique() > 1:
        raise ValueError("pattern events of several instruments; take them one instrument at a time")
    lengths = {name: bar_length(name) for name in PATTERN_TIMEFRAMES}
    vocabulary = {
        "timeframe": PATTERN_TIMEFRAMES,
        "family": FAMILIES,
        "direction": DIRECTIONS,
        "stage": STAGES,
    }
    for name, words in vocabulary.items():
        _refuse(events, ~pl.col(name).is_in(list(words)) | pl.col(name).is_null(), f"an unknown {name}")
    needed = ("instrument_id", "ts", "known_at", "pattern", "strength", "price", "logic_version")
    _refuse(events, pl.any_horizontal(pl.col(name).is_null() for name in needed), "a gap where none may be")
    length = pl.col("timeframe").replace_strict(lengths, return_dtype=pl.Duration("us"))
    _refuse(events, pl.col("known_at") != pl.col("ts") + length, "known_at that is not the bar's close")
    _refuse(events, ~pl.col("nature").is_in(list(NATURES)), "an unknown nature")
    _refuse(events, ~pl.col("strength").is_between(0, 100), "a strength outside 0..100")
    _refuse(events, ~((pl.col("price") > 0) & pl.col("price").is_finite()), "an impossible price")
    _refuse(events, ~((pl.col("atr") > 0) & pl.col("atr").is_finite()), "an ATR that is not above 0")
    in_order = events.sort(ORDER, maintain_order=True)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in IDENTITY)
    _refuse(in_order, same & (pl.int_range(pl.len()) > 0), "a second row of the same event")
    return in_order


def _refuse(events: pl.DataFrame, wrong: pl.Expr, what: str) -> None:
    found = events.filter(wrong)
    if found.height:
        row = found.row(0, named=True)
        raise ValueError(
            f"{found.height} pattern events with {what}, the first: {row['family']} {row['pattern']} of "
            f"instrument {row['instrument_id']}, {row['timeframe']} {row['ts']}"
        )
