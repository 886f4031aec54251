"""What every route module is given: the clock, the market, what is listed, faults, budgets, the log."""

import json
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.clock import SimClock
from alphapulse_sim.faults import Faults
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.intervals import MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.outages import absences, hidden_from_rest
from alphapulse_sim.stories import Stories
from alphapulse_sim.tape import Bars
from alphapulse_sim.weights import Budget, new_budgets

LOG_LENGTH: Final = 20_000
STALE_MS: Final = web.RequestKey("stale_ms", int)
"""How far behind the clock this request is answered (the `stale` and `frozen` faults)."""
UNCONDITIONAL: Final = web.RequestKey("unconditional", bool)
"""Whether a feed is sent whole though the client has it (it is about to be changed by a fault)."""


@dataclass(frozen=True, slots=True)
class SimConfig:
    """What makes one simulator differ from another."""

    seed: int = 7
    extra: int = 0  # how many made-up coins beside the real ones
    replay: tuple[Path, ...] = ()  # files of a recorded capture to serve in place of its market
    replay_speed: float = 1.0


@dataclass(slots=True)
class LogEntry:
    """One request as the simulator saw it; `status` 0 means the connection was reset."""

    host: str
    path: str
    query: dict[str, str]
    status: int
    at: str  # ISO time, the simulator's clock
    weight: int


@dataclass(slots=True)
class Simulator:
    """The state of one simulator process."""

    config: SimConfig = field(default_factory=SimConfig)
    clock: SimClock = field(default_factory=SimClock)
    faults: Faults = field(default_factory=Faults)
    budgets: dict[str, Budget] = field(default_factory=new_budgets)
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    market: Market = field(init=False)
    catalogue: Catalogue = field(init=False)
    stories: Stories = field(init=False)

    def __post_init__(self) -> None:
        self.market = Market(self.config.seed)
        self.catalogue = Catalogue(self.config.extra)
        self.stories = Stories(self.market, self.catalogue)

    def now_ms(self, request: web.Request) -> int:
        """The time this request is answered for."""
        behind: int = request.get(STALE_MS, 0)
        return self.clock.now_ms() - behind

    def rest_bars(self, listing: Listing, interval: str, start_ms: int, end_ms: int, now_ms: int) -> Bars:
        """The bars that REST shows of [start, end) at `now_ms`, the forming one included."""
        bars = self.market.bars(listing, interval, start_ms, end_ms, now_ms)
        if interval != "1m" or not len(bars):
            return bars
        state = absences(self.config.seed, listing, bars.ts // MINUTE)
        return bars.take(~hidden_from_rest(state, bars.ts, now_ms))


def compact(body: Any) -> str:
    """JSON as venues print it: without spaces."""
    return json.dumps(body, separators=(",", ":"))


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.json_response(body, status=status, headers=headers, dumps=compact)
