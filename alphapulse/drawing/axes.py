"""Ticks of price and time that people can read. Pure."""

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
_DAYS: Final = (1, 2, 7, 14, 28, 91, 182, 364)
_STEPS: Final = (*(timedelta(minutes=each) for each in _MINUTES), *(timedelta(days=each) for each in _DAYS))
_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)


def price_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round prices within a range, in rising order; one for a range without an extent.

    >>> price_ticks(22_161.0, 22_340.0, 5)
    [22200.0, 22250.0, 22300.0]
    """
    if not high > low:
        return [low]
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((nice * power for nice in _NICE if nice * power >= rough), 10 * power)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)][:most]


def price_text(price: float, ticks: Sequence[float]) -> str:
    """A price with as many decimals as its neighbours on the axis need to differ.

    >>> price_text(22250.0, [22200.0, 22250.0]), price_text(0.00125, [0.001, 0.00125])
    ('22,250', '0.00125')
    """
    steps = [second - first for first, second in itertools.pairwise(ticks)]
    step = min(steps) if steps else abs(price) / 1000 or 1.0
    decimals = 0
    while decimals < 12 and abs(round(step, decimals) - step) > step / 1000:
        decimals += 1
    return f"{price:,.{decimals}f}"


def time_step(step: timedelta, slots: int, most: int) -> timedelta:
    """How far apart times are named so that at most so many are, for so many slots of `step`."""
    rough = step * slots / max(most, 1)
    return next((each for each in _STEPS if each >= max(rough, step)), _STEPS[-1])


def is_named(ts: datetime, every: timedelta) -> bool:
    """Whether a bar's time is one that is named."""
    return (ts - _MONDAY) % every == timedelta(0)


def time_text(ts: datetime, every: timedelta, before: datetime | None) -> str:
    """A time in UTC; the day is said when it is a new one.

    >>> at = datetime(2026, 11, 29, 18, tzinfo=UTC)
    >>> time_text(at, timedelta(hours=6), None), time_text(at, timedelta(hours=6), at.replace(hour=12))
    ('11-29 18:00', '18:00')
    """
    here = ts.astimezone(UTC)
    if every >= timedelta(days=1):
        return f"{here:%Y-%m-%d}" if before is None or before.year != here.year else f"{here:%m-%d}"
    return f"{here:%m-%d %H:%M}" if before is None or before.date() != here.date() else f"{here:%H:%M}"
