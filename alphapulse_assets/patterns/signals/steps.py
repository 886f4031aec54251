"""Prices and sizes on the steps of an instrument, never to the signal's favour. Pure.

A venue takes no price between two ticks and no size between two lots. A stop is so rounded away from the
entry, a target towards it, a size down. Steps are kept as a whole number over a power of ten, so that a price
is the double nearest to its decimal digits: 0.3, not 3 x 0.1.
"""

import math
from typing import Final, NamedTuple

from alphapulse_assets.core.numba_cache import compiled

_MOST_DIGITS: Final = 18
_NEAR: Final = 1e-6
"""Share of a step by which a double may miss the step that it is on."""


class Steps(NamedTuple):
    """The steps of an instrument, as the kernels read them; 0 where it has none."""

    tick: float = 0.0  # smallest price step, quote units
    lot: float = 0.0  # smallest size step, base units
    tick_units: float = 0.0  # tick = tick_units / tick_scale
    tick_scale: float = 1.0
    lot_units: float = 0.0
    lot_scale: float = 1.0


NO_STEPS: Final = Steps()


def steps_of(tick_size: float | None, lot_size: float | None) -> Steps:
    """The steps of an instrument; what is not known, or no step above 0, is none."""
    tick, lot = _known(tick_size), _known(lot_size)
    return Steps(tick, lot, *_whole(tick), *_whole(lot))


def _known(step: float | None) -> float:
    return step if step is not None and math.isfinite(step) and step > 0 else 0.0


def _whole(step: float) -> tuple[float, float]:
    """A step as a whole number over a power of ten, or as it is where it has no short digits."""
    for digits in range(_MOST_DIGITS + 1):
        scale = 10.0**digits
        units = round(step * scale)
        if units and abs(step * scale - units) <= 1e-9 * units:
            return float(units), scale
    return step, 1.0


@compiled
def on_step(value: float, units: float, scale: float, up: bool) -> float:
    """The step at or next to a value, upwards or downwards; the value itself where there are no steps."""
    if units <= 0:
        return value
    count = value * scale / units
    whole = math.ceil(count - _NEAR) if up else math.floor(count + _NEAR)
    return whole * units / scale
