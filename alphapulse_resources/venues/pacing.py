"""When the next request may go out: a steady rate, and waiting longer the more often it was in vain. Pure.

Times are seconds of any one monotonic clock.
"""

import random
from typing import Final


class Pace:
    """A steady rate with bursts (GCRA): at most `rate * t + burst` units in any t."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate: Final = rate
        self._ahead: Final = burst / rate  # seconds of the rate that may be used at once
        self._used_until = float("-inf")
        self._paused_until = float("-inf")

    def wait(self, weight: float, now: float) -> float:
        """Seconds until `weight` may be spent; 0: now."""
        return max(0.0, self._after(weight, now) - self._ahead - now, self._paused_until - now)

    def spend(self, weight: float, now: float) -> None:
        """Spend `weight`: the turn that comes after `wait` seconds is taken."""
        self._used_until = self._after(weight, now)

    def _after(self, weight: float, now: float) -> float:
        """Until when the rate is used up once `weight` is spent; a pause saves nothing up."""
        return max(self._used_until, self._paused_until, now) + weight / self._rate

    def pause(self, until: float) -> bool:
        """Nothing before `until`; False if it is paused for as long already."""
        longer = until > self._paused_until
        self._paused_until = max(self._paused_until, until)
        return longer

    def paused(self, now: float) -> bool:
        """Whether it is paused."""
        return now < self._paused_until


def back_off(times: int, first: float, longest: float, chance: random.Random) -> float:
    """Seconds to wait after `times` attempts in vain: doubled each time, less up to a half by chance."""
    if times <= 0:
        return 0.0
    most = min(longest, first * 2.0 ** min(times - 1, 30))
    return most * chance.uniform(0.5, 1.0)
