"""alternative.me's fear and greed index, of the simulated Bitcoin: momentum makes greed, volatility fear.

A day's value is made of the prices at the midnights up to its beginning and is told from five minutes later
on. The days on which the real one was silent are missing here too.
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import Floats, Ints, key, noise
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, MINUTE

HOST: Final = "api.alternative.me"
FIRST: Final = epoch_ms("2018-02-01")
SILENT: Final = ("2018-04-14", "2018-04-15", "2018-04-16", "2024-10-26")
"""Days that the real index never told of."""
PUBLISHED_AFTER: Final = 5 * MINUTE
_CLASSES: Final = (
    (25, "Extreme Fear"), (46, "Fear"), (54, "Neutral"), (75, "Greed"), (100, "Extreme Greed"),
)  # fmt: skip
_MOMENTUM_DAYS: Final = (30, 90)
_BEFORE: Final = 120 * DAY  # prices that the first day needs


class FearGreed:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._values = lru_cache(maxsize=8)(self._until)

    def routes(self) -> list[web.RouteDef]:
        """The route of the index."""
        return [web.get(f"/{HOST}/fng/", self.index), web.get(f"/{HOST}/fng", self.index)]

    async def index(self, request: web.Request) -> web.Response:
        """The newest days, newest first; `limit=0` is all of them."""
        limit = request.query.get("limit", "1")
        if not limit.isdecimal():
            return reply(_body([], f"limit {limit} is no number"))
        days = self.days(self.sim.now_ms(request))
        return reply(_body(days[: int(limit)] if int(limit) else days, None))

    def days(self, now_ms: int) -> list[dict[str, str]]:
        """What is told at a time, newest first."""
        last = (now_ms - PUBLISHED_AFTER) // DAY * DAY
        if last < FIRST:
            return []
        days, values = self._values(last)
        silent = {epoch_ms(day) for day in SILENT}
        told = [
            {"value": str(value), "value_classification": called(value), "timestamp": str(day // 1000)}
            for day, value in zip(days.tolist(), values.tolist(), strict=True)
            if day not in silent
        ][::-1]
        told[0]["time_until_update"] = str((last + DAY + PUBLISHED_AFTER - now_ms) // 1000)
        return told

    def _until(self, last_ms: int) -> tuple[Ints, Ints]:
        """Days from the first on, and their values."""
        at = np.arange((FIRST - _BEFORE) // DAY, last_ms // DAY + 1, dtype=np.int64) * DAY
        listing = self.sim.catalogue.find("binance", "spot", "BTCUSDT")
        assert listing is not None
        logs = np.log(self.sim.market.mid(listing, at))
        moved = np.diff(logs, prepend=logs[0])
        momentum = sum(np.tanh(2.5 * (logs - _mean(logs, days))) for days in _MOMENTUM_DAYS)
        volatility = np.sqrt(_mean(moved**2, 14) / np.maximum(_mean(moved**2, 90), 1e-12))
        mood = noise(key(self.sim.market.seed, "fear and greed"), at, 5 * DAY)
        score = 46 + 45 * momentum - 20 * (volatility - 1) + 10 * mood
        first = (FIRST - int(at[0])) // DAY
        return at[first:], np.clip(np.rint(score[first:]), 5, 95).astype(np.int64)


def called(value: int) -> str:
    """What the provider calls a value."""
    return next(name for up_to, name in _CLASSES if value <= up_to)


def _mean(series: Floats, days: int) -> Floats:
    """Mean of the last `days` values; of those there are, at the beginning."""
    total = np.concatenate(([0.0], np.cumsum(series)))
    ends = np.arange(1, len(series) + 1)
    starts = np.maximum(ends - days, 0)
    means: Floats = (total[ends] - total[starts]) / (ends - starts)
    return means


def _body(days: list[dict[str, str]], error: str | None) -> dict[str, Any]:
    return {"name": "Fear and Greed Index", "data": days, "metadata": {"error": error}}
