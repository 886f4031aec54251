"""Which collector is asked when: by cadence, a few at the same time, each in one round at a time."""

import logging
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from alphapulse_assets.collecting.hurry import Hurry
from alphapulse_assets.collecting.turns import Turn
from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.database.client import statement

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.25
AT_ONCE: Final = timedelta(seconds=5)
"""Over which the first rounds are spread, so that a start is no burst (ours)."""
STOP_SECONDS: Final = 20.0
"""How long rounds may take to their end when the poller is told to stop: less than Dagster waits (ours)."""
IDLE: Final = timedelta(minutes=1)
"""After a round that had nothing to ask for: a symbol that was just tracked does not wait longer (ours)."""
_WHOLE: Final = 2**32


@dataclass(slots=True)
class Poller:
    """Asks collectors until told to stop; `took` gets each round that ended, from the poller's own thread.

    A round that takes longer than the cadence is not begun a second time: the next begins when it is over.
    `hurry` makes some due sooner when the market moves; without it none are.
    """

    sources: Sources
    collectors: Sequence[Collector]
    rules: Mapping[str, RuleSet | None]
    run_id: str
    workers: int
    took: Callable[[Round], None]
    stop_seconds: float = STOP_SECONDS
    hurry: Hurry | None = None
    _turns: list[Turn] = field(default_factory=list)

    def declare(self) -> list[str]:
        """Tell the database who is asked, and who is not and why; the names of those that are."""
        settings, database = self.sources.settings, self.sources.database
        asked = []
        for each in self.collectors:
            off = each.off_because(settings)
            database.execute(
                statement("collecting/declare"),
                {
                    "collector": each.name,
                    "source": each.source,
                    "datasets": list(each.datasets),
                    "every": each.every,
                    "rank": each.rank,
                    "off_because": off,
                    "run_id": self.run_id,
                },
            )
            asked += [each.name] if off is None else []
        names = {"collectors": [each.name for each in self.collectors]}
        database.execute(statement("collecting/forget_others"), names)
        return asked

    def run(self, stop: threading.Event) -> None:
        """Ask by cadence until `stop` is set."""
        asked, now = set(self.declare()), datetime.now(UTC)
        self._turns = [
            Turn(each, now + AT_ONCE * _phase(each.name)) for each in self.collectors if each.name in asked
        ]
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="collect")
        while not stop.wait(TICK_SECONDS):
            self._tick(pool, datetime.now(UTC))
        pool.shutdown(wait=False, cancel_futures=True)
        if self.hurry is not None:
            self.hurry.close()
        self._end()

    def _end(self) -> None:
        """Wait for the rounds that run, but not for long: another poller may be waiting for us.

        What hangs for longer is told by its name. What it brings later is stored all the same, on its keys.
        """
        running = [turn.running for turn in self._turns if turn.running is not None]
        wait(running, timeout=self.stop_seconds)
        self._take_ended()
        if late := [turn.collector.name for turn in self._turns if turn.running is not None]:
            log.warning("stopped while these were still asked: %s", ", ".join(late))

    def _tick(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        self._take_ended()
        if self.hurry is not None:
            self.hurry.tick(self._turns, now)
        for turn in self._turns:
            if turn.running is None and turn.due <= now:
                turn.due, turn.asked = next_due(turn.due, turn.collector.every, now), now
                turn.running = pool.submit(self._ask, turn.collector)

    def _take_ended(self) -> None:
        for turn in self._turns:
            if turn.running is not None and turn.running.done():
                if turn.running.cancelled():  # it had not begun when we were told to stop
                    turn.running = None
                    continue
                ended = turn.running.result()
                turn.running = None
                if ended.idle:
                    turn.due = min(turn.due, ended.asked_at + IDLE)
                self.took(ended)

    def _ask(self, collector: Collector) -> Round:
        return run_collector(collector, self.sources, self.rules, run_id=self.run_id)


def next_due(due: datetime, every: timedelta, now: datetime) -> datetime:
    """The next time of a cadence that began at `due`, after `now`: what was missed is not made up for."""
    return due + every * ((now - due) // every + 1)


def _phase(name: str) -> float:
    """Where in a stretch a collector begins, the same in every run: in [0, 1)."""
    return zlib.crc32(name.encode()) / _WHOLE
