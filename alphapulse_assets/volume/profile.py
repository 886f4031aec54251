"""The volume profile of a day: how much was traded at which price. Pure.

Candles do not tell at which price within a minute volume was traded: it is spread evenly over the minute's
range, the usual approximation, whose error is at most the range of one minute. Rows of the profile ("bins")
are as wide as the largest round step (1, 2 or 5 times a power of ten) of at most 0.1 % of the day's first
price, and lie on multiples of it, so that days at similar prices share a grid; never narrower than a tick
where one is given, and so wide that a day has at most 2,000 of them. Steps and limits are ours.

Point of control: the bin with the most volume; of equals the one nearest the middle of the day's range, then
the lower one (mypivots.com). Value area: 70 % of the volume (Steidlmayer 1986), grown from the point of
control by comparing the next two bins above with the next two below and taking the pair with more volume,
the upper one of equals (Dalton, Mind Over Markets; linnsoft.com, mypivots.com).
"""

import math
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.core.bars import sound_arrays
from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.volume.kernels import CLOSE, HIGH, LOW, VOLUME, Floats

LOGIC_VERSION: Final = 1
"""Bumped whenever the same candles would give another profile."""

VALUE_AREA: Final = 0.7
BIN_SHARE: Final = 0.001
MOST_BINS: Final = 2_000

VOLUME_PROFILE_SCHEMA: Final = pl.Schema(
    {
        "day": pl.Date(),  # UTC
        "poc": pl.Float64(),  # middle of the bin with the most volume; null where nothing was traded
        "value_area_low": pl.Float64(),  # lower edge of the lowest bin of the value area
        "value_area_high": pl.Float64(),  # upper edge of the highest one
        "volume": pl.Float64(),  # base units
        "minutes": pl.Int64(),  # candles that the profile was made of
        "bin_width": pl.Float64(),
        "bin_prices": pl.List(pl.Float64()),  # lower edges, ascending
        "bin_volumes": pl.List(pl.Float64()),  # base units
        "known_at": pl.Datetime("us", "UTC"),  # the end of the day
    }
)

_SNAP: Final = 1e-9
"""Share of a bin within which a price counts as lying on an edge: quotients of doubles miss whole numbers."""


def volume_profiles(candles_1m: pl.DataFrame, *, tick: float | None = None) -> pl.DataFrame:
    """The profile of every UTC day that has a candle: VOLUME_PROFILE_SCHEMA, by day.

    `candles_1m` has CANDLE_SCHEMA, sorted: one instrument, whole days (a day is judged by the minutes there
    are). `tick` is the instrument's price step.

    Raises:
        ValueError: open times that do not rise, an impossible candle, or a tick that is not above 0.
    """
    if tick is not None and not tick > 0:
        raise ValueError(f"a price step is above 0, not {tick}")
    sound_arrays(candles_1m)  # refuses what is not in order, also from day to day
    days = candles_1m.with_columns(pl.col("ts").dt.date().alias("day")).partition_by(
        "day", maintain_order=True, include_key=True
    )
    profiles = [_profile(day, tick) for day in days]
    return pl.DataFrame(profiles, schema=VOLUME_PROFILE_SCHEMA)


def bin_width(first: float, low: float, high: float, tick: float | None) -> float:
    """The width of a bin for a day that opens at `first` and stays within low..high."""
    width = _round_step(BIN_SHARE * first)
    if tick is not None and width < tick:
        width = tick
    while (high - low) / width > MOST_BINS - 2:  # edges may cut off a bin at either end
        width *= 2
    return width


def spread_volume(candles: Floats, width: float, lowest: int, count: int) -> Floats:
    """Volume per bin, the first of which is number `lowest` (from lowest * width), from `kernels` bars."""
    return _spread(candles[HIGH], candles[LOW], candles[VOLUME], width, lowest, count)


def point_of_control(volumes: Floats) -> int:
    """The bin with the most volume; of equals the one nearest the middle, then the lower one."""
    equal = np.flatnonzero(volumes == volumes.max())
    return int(min(equal, key=lambda i: (abs(2 * int(i) - (len(volumes) - 1)), i)))


def value_area(volumes: Floats, poc: int, share: float = VALUE_AREA) -> tuple[int, int]:
    """First and last bin of the value area around bin `poc`."""
    low = high = poc
    inside, wanted = float(volumes[poc]), share * float(volumes.sum())
    while inside < wanted and (low > 0 or high < len(volumes) - 1):
        above = float(volumes[high + 1 : high + 3].sum())
        below = float(volumes[max(low - 2, 0) : low].sum())
        upward = low == 0 or (high < len(volumes) - 1 and above >= below)
        if upward:
            high = min(high + 2, len(volumes) - 1)
        else:
            low = max(low - 2, 0)
        inside += above if upward else below
    return low, high


def _profile(day: pl.DataFrame, tick: float | None) -> dict[str, object]:
    _, bars = sound_arrays(day)
    low, high = float(bars[LOW].min()), float(bars[HIGH].max())
    opened = day["open"][0]
    width = bin_width(opened if opened is not None and opened > 0 else bars[CLOSE, 0], low, high, tick)
    lowest = _bin(low, width)
    volumes = spread_volume(bars, width, lowest, _bin(high, width) - lowest + 1)
    edges = _edges(lowest, len(volumes) + 1, width)
    traded = math.fsum(bars[VOLUME])
    found: dict[str, object] = dict.fromkeys(("poc", "value_area_low", "value_area_high"))
    if traded > 0:
        poc = point_of_control(volumes)
        first, last = value_area(volumes, poc)
        found = {
            "poc": float((edges[poc] + edges[poc + 1]) / 2),
            "value_area_low": float(edges[first]),
            "value_area_high": float(edges[last + 1]),
        }
    midnight = day["ts"].dt.truncate("1d")[0]
    return {
        "day": day["day"][0],
        **found,
        "volume": traded,
        "minutes": day.height,
        "bin_width": width,
        "bin_prices": edges[:-1].tolist(),
        "bin_volumes": volumes.tolist(),
        "known_at": midnight + timedelta(days=1),
    }


def _round_step(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most `most`."""
    power = math.floor(math.log10(most))
    steps = [float(f"{digit}e{exponent}") for exponent in (power, power + 1) for digit in (1, 2, 5)]
    return max((step for step in steps if step <= most), default=steps[0])


def _edges(lowest: int, count: int, width: float) -> NDArray[np.float64]:
    """Edges as the round numbers they are: 0.3, not 0.30000000000000004."""
    digits = max(0, 6 - math.floor(math.log10(width)))
    return np.round((lowest + np.arange(count)) * width, digits)


def _bin(price: float, width: float) -> int:
    return math.floor(_position(price, width))


@compiled
def _position(price: float, width: float) -> float:
    """A price in bins from 0; a whole number where it lies on an edge."""
    position = price / width
    edge = np.rint(position)
    return float(edge) if abs(position - edge) <= _SNAP else position


@compiled
def _spread(highs: Floats, lows: Floats, volumes: Floats, width: float, lowest: int, count: int) -> Floats:
    bins = np.zeros(count)
    for i in range(len(highs)):
        # positions in bins from the first one
        bottom, top = _position(lows[i], width) - lowest, _position(highs[i], width) - lowest
        first, last = int(bottom), int(top)
        if first == last:
            bins[first] += volumes[i]
            continue
        for k in range(first, min(last + 1, count)):
            within = min(top, k + 1.0) - max(bottom, float(k))
            bins[k] += volumes[i] * (within / (top - bottom))
    return bins
