"""What became of a plan by the bars that followed: which of its prices was touched first. Pure.

The rule of patterns' outcomes: where one bar touches both, the stop counts as first. This is for pictures
where no stored outcome is at hand; `signal_outcomes` is the measure, with entry at the next open and after
costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alphapulse.drawing.model import Bar


@dataclass(frozen=True, slots=True)
class Became:
    """state: open, stopped, target or expired. closed_at: close of the bar that ended it, null while open.

    price: of the exit, or the newest close while open. moved_pct: from the entry to it, the plan's way.
    """

    state: str
    closed_at: datetime | None
    price: float
    bars: int
    moved_pct: float


def became(
    bars: Sequence[Bar],
    step: timedelta,
    known_at: datetime,
    entry: float,
    stop: float,
    target: float,
    expires_at: datetime | None,
) -> Became | None:
    """What became of a plan; None where no bar has closed since. bars: in the order of time."""
    sign, seen, last = (1 if target > entry else -1), 0, None
    for bar in bars:
        if bar.ts < known_at:
            continue
        if expires_at is not None and bar.ts >= expires_at:
            break
        seen, last = seen + 1, bar
        worst, best = (bar.low, bar.high) if sign > 0 else (bar.high, bar.low)
        if sign * (worst - stop) <= 0:
            return _of("stopped", bar.ts + step, stop, seen, entry, sign)
        if sign * (best - target) >= 0:
            return _of("target", bar.ts + step, target, seen, entry, sign)
    if last is None:
        return None
    is_over = expires_at is not None and last.ts + step >= expires_at
    is_over = is_over or (expires_at is not None and bars[-1].ts >= expires_at)
    return _of(
        "expired" if is_over else "open", last.ts + step if is_over else None, last.close, seen, entry, sign
    )


def _of(state: str, at: datetime | None, price: float, bars: int, entry: float, sign: int) -> Became:
    return Became(state, at, price, bars, sign * (price / entry - 1) * 100)
