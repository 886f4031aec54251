"""From the times a file gives to open times, and whether they fit the timeframe at all."""

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.options import TimeIs
from alphapulse_resources.candle_files.words import told_length
from alphapulse_resources.frames import TIMEFRAMES, WEEK_ORIGIN

CLOSING_GAP: Final = timedelta(seconds=1)
"""A close time lies at most so long before the next open: 1 us, 1 ms (Binance's ...59999) or 1 s."""
FEW: Final = 3
FEW_SHARE: Final = 0.01
"""So many spacings, or that share of them, may be shorter than the timeframe: stray rows (ours)."""
COARSE_ROWS: Final = 10
COARSE_SHARE: Final = 0.5
"""From so many spacings on, one longer than the timeframe that is that frequent is the timeframe (ours).

Of a market that trades seldom, no spacing is more frequent than the timeframe itself.
"""
SELDOM: Final = 4
"""In a market that trades seldom the shortest pause is that many times shorter than the usual one; bars that
come at about the same distance are bars of that distance (ours)."""
STRETCH: Final = 12
"""So many bars in a row on the grid of a longer timeframe, and one length of it apart, are bars of it: older
years are often kept coarser (ours)."""
PROVEN: Final = 0.5
"""The share of neighbours one timeframe apart that proves the timeframe against a file's name (ours)."""

_LENGTHS: Final = frozenset(int(length.total_seconds()) for length in TIMEFRAMES.values())
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_MONTH_DAYS: Final = 28


def to_open_times(ts: pl.Series, timeframe: str, time_is: TimeIs) -> pl.Series:
    """Open times of `ts`; a close time may be the last instant of its bar or the next bar's open time."""
    if time_is == "open":
        return ts
    return _next_open(ts) - TIMEFRAMES[timeframe]


def look_like_close_times(ts: pl.Series, timeframe: str) -> bool:
    """Whether every time is the last instant before a bar of the timeframe opens."""
    times = ts.drop_nulls()
    if times.is_empty():
        return False
    following = _next_open(times)
    gaps = following - times
    # longer bars start where each venue likes, but always at midnight
    grid = min(TIMEFRAMES[timeframe], _DAY)
    since = (following - WEEK_ORIGIN).dt.total_microseconds()
    on_grid = (since % (grid // timedelta(microseconds=1)) == 0).all()
    return on_grid and bool(((gaps > timedelta(0)) & (gaps <= CLOSING_GAP)).all())


@dataclass(frozen=True, slots=True)
class Misfit:
    """What the spacings of rows say against a timeframe."""

    told: str
    certain: bool  # it is another timeframe; otherwise nobody may have traded in between


def other_timeframe(ts: pl.Series, timeframe: str) -> Misfit | None:
    """What the spacings of the rows say against the timeframe; None when they fit it."""
    step = int(TIMEFRAMES[timeframe].total_seconds())
    spacings = _spacings(ts)
    if spacings.is_empty():
        return None
    rows, equal = spacings.len(), int((spacings == step).sum())
    shorter = spacings.filter(spacings < step)
    if shorter.len() > max(FEW, FEW_SHARE * rows) or (shorter.len() and shorter.len() == rows):
        finest = _told(_most_common(shorter)[0])
        told = (
            f"finer than {timeframe}: {shorter.len():,} of {rows:,} spacings are shorter, most often {finest}"
        )
        return Misfit(told, certain=True)
    common, times = _most_common(spacings)
    if equal and rows >= COARSE_ROWS and common > step and times > max(2 * equal, COARSE_SHARE * rows):
        return Misfit(f"{_told(common)} apart, not {timeframe}", certain=True)
    if equal and (stretch := _coarser_stretch(ts, step)):
        return Misfit(f"{stretch}, not {timeframe}", certain=False)
    if equal or rows < 2:
        return None
    return _none_equal(ts, spacings, step, timeframe)


def proves(ts: pl.Series, timeframe: str) -> bool:
    """Whether most neighbours are one timeframe apart."""
    spacings = _spacings(ts)
    equal = int((spacings == int(TIMEFRAMES[timeframe].total_seconds())).sum())
    return equal >= 2 and equal >= PROVEN * spacings.len()


def _none_equal(ts: pl.Series, spacings: pl.Series, step: int, timeframe: str) -> Misfit | None:
    """Why not one row is one timeframe after another, unless the market may simply not have traded."""
    rows = spacings.len()
    if _is_calendar(ts, spacings):
        return Misfit(f"1 month apart, not {timeframe}", certain=True)
    divisor = reduce(math.gcd, (int(value) for value in spacings.unique().to_list()))
    common, times = _most_common(spacings)
    frequent = times >= COARSE_SHARE * rows and rows > 2
    few = rows <= COARSE_ROWS and divisor <= step
    if not frequent and (few or _trades_seldom(spacings, divisor, step)):
        return None
    told = common if frequent else divisor
    certain = told in _LENGTHS and told > step
    if frequent:
        return Misfit(f"{_told(told)} apart, not {timeframe}", certain)
    if divisor > step:
        return Misfit(f"never {timeframe} apart: all spacings are made of {_told(divisor)}", certain)
    return Misfit(f"never {timeframe} apart, but {_told(int(spacings.sort()[0]))} and more", certain)


def _coarser_stretch(ts: pl.Series, step: int) -> str | None:
    """Where rows among those of the timeframe are bars of a longer one, in words."""
    times = ts.drop_nulls().unique().sort()
    runs = pl.DataFrame({"ts": times[:-1], "apart": times.diff().drop_nulls().dt.total_seconds()})
    runs = runs.group_by(pl.col("apart").rle_id().alias("run"), maintain_order=True).agg(
        pl.col("apart").first(), pl.col("ts").first(), pl.len()
    )
    longer = [length for length in _LENGTHS if length > step]
    runs = runs.filter((pl.col("len") >= STRETCH) & pl.col("apart").is_in(longer))
    for _, apart, first, rows in runs.iter_rows():
        if (first - WEEK_ORIGIN) % timedelta(seconds=apart) == timedelta(0):
            return f"{_told(apart)} apart {rows:,} times in a row from {first:%Y-%m-%dT%H:%MZ} on"
    return None


def _trades_seldom(spacings: pl.Series, divisor: int, step: int) -> bool:
    """Whether bars of no other timeframe lie so: on its grid and on no coarser one, at random distances."""
    distances = sorted(spacings.to_list())
    return divisor == step and SELDOM * distances[0] <= distances[len(distances) // 2]


def _is_calendar(ts: pl.Series, spacings: pl.Series) -> bool:
    """Whether the rows are months or quarters: long spacings, always on the same day of the month."""
    days = ts.drop_nulls().dt.day().unique()
    return bool((spacings >= _MONTH_DAYS * 86_400 - 7200).all()) and (
        days.len() == 1 or bool((days >= 28).all())
    )


def _spacings(ts: pl.Series) -> pl.Series:
    """Distances of neighbouring times, in whole seconds: the times of some venues jitter by milliseconds."""
    times = ts.drop_nulls().unique().sort()
    seconds = (times.diff().drop_nulls().dt.total_microseconds() + 500_000) // 1_000_000
    return seconds.filter(seconds > 0)


def _most_common(spacings: pl.Series) -> tuple[int, int]:
    counts = spacings.value_counts(sort=True)
    return int(counts.to_series(0)[0]), int(counts.to_series(1)[0])


def _told(seconds: int) -> str:
    return told_length(timedelta(seconds=seconds))


def _next_open(ts: pl.Series) -> pl.Series:
    """Times rounded up to the minute: where the bar after a close time opens."""
    floor = ts.dt.truncate("1m")
    return (floor + _MINUTE).zip_with(floor != ts, ts)
