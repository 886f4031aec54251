"""Settlements of funding: when they were, for how many hours each, and which are missing. Pure.

Venues settle on the hour and write the time some milliseconds later. How many hours lie between two
settlements is the venue's choice for each contract, and it changes it: 8 hours, then 4, then 1 in wild times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import polars as pl

HOUR: Final = timedelta(hours=1)
HOURS: Final = (1, 2, 4, 6, 8, 12, 24)
"""Intervals that venues settle at; any other distance of two settlements is one with some missing (ours)."""
ON_THE_GRID: Final = frozenset(
    {"binanceusdm", "binancecoinm", "bybit", "okx", "bitget", "gate", "mexc", "htx", "kucoinfutures"}
)
"""Venues that settle at midnight UTC and whole intervals after it."""
LOOK_BACK: Final = timedelta(days=3)
"""So much before a window its first intervals are told by: twice the usual interval and more (ours)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Settlements that should have been: the first of them, and the first after them that there is."""

    start: datetime
    end: datetime
    count: int


def to_minutes(times: pl.Series) -> pl.Series:
    """Times rounded to the nearest minute: 08:00:00.017 and 07:59:59.998 are 08:00."""
    return (times + timedelta(seconds=30)).dt.truncate("1m")


def with_intervals(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by `ts` with `interval_hours` of those that do not say it, told by their neighbours.

    It is the time since the settlement before. Where that is longer than what stands around it, one is
    missing in between and the interval is that of the neighbours. It stays null where nothing tells it.
    """
    ordered = rows.sort("ts")
    found = intervals(ordered["ts"].to_list())
    return ordered.with_columns(
        pl.coalesce("interval_hours", pl.Series(found, dtype=pl.Float64)).alias("interval_hours")
    )


def intervals(times: Sequence[datetime]) -> list[float | None]:
    """The interval of each settlement, in hours, as far as the others tell it."""
    distances = [(late - early) / HOUR for early, late in pairwise(times)]
    known: list[float | None] = []
    current: float | None = None
    for place, distance in enumerate(distances):
        if distance != current and not _is_interval(distances, place):
            known.append(None)
            continue
        known.append(distance)
        current = distance
    filled = [
        value if value is not None else _around(known, distances[place], place)
        for place, value in enumerate(known)
    ]
    return [filled[0] if filled else None, *filled] if times else []


def _is_interval(distances: Sequence[float], place: int) -> bool:
    """Whether a distance is the time of one interval and not of several with settlements missing."""
    own = distances[place]
    if own not in HOURS:
        return False
    before = distances[place - 1] if place else None
    after = distances[place + 1] if place + 1 < len(distances) else None
    if own in (before, after):
        return True
    beside = [each for each in (before, after) if each is not None]
    return all(own < each for each in beside)


def _around(known: Sequence[float | None], distance: float, place: int) -> float | None:
    """The interval beside a hole: the one after it, or before it, whichever the hole is made of.

    At either end of what is known, a distance that may be an interval itself is a hole or a change: null.
    """
    after = next((value for value in known[place + 1 :] if value is not None), None)
    before = next((value for value in reversed(known[:place]) if value is not None), None)
    if distance in HOURS and (before is None or after is None):
        return None
    fits = [value for value in (after, before) if value is not None and distance % value == 0]
    return fits[0] if fits else None


def missing(rows: pl.DataFrame) -> list[Missing]:
    """Settlements that the intervals of rows (`ts`, `interval_hours`, by `ts`) say there were in between."""
    found = []
    times, hours = rows["ts"].to_list(), rows["interval_hours"].to_list()
    for early, late, length in zip(times[:-1], times[1:], hours[1:], strict=True):
        count = round((late - early) / HOUR / length) - 1 if length else 0
        if count > 0:
            found.append(Missing(late - count * length * HOUR, late, count))
    return found


def stretches(rows: pl.DataFrame) -> list[tuple[float, datetime, datetime, int]]:
    """The intervals in their order: hours, first and last settlement, how many."""
    runs = (
        rows.filter(pl.col("interval_hours").is_not_null())
        .group_by(pl.col("interval_hours").rle_id().alias("run"), maintain_order=True)
        .agg(
            pl.col("interval_hours").first().alias("hours"),
            pl.col("ts").first().alias("first"),
            pl.col("ts").last().alias("last"),
            pl.len().alias("rows"),
        )
    )
    return list(runs.select("hours", "first", "last", "rows").iter_rows())
