"""Collectors that are asked at once because a tracked symbol moves much more than usual.

Every quarter of a minute the realised volatility of each tracked symbol's newest closed minutes is held
against its usual one, the median of the last day. Where it is several times that, and above a floor, those
collectors that are declared `hurried` become due: at most once a minute each, not where their provider's
budget is half used; a symbol that did so rests for a while. What was seen and who was asked is kept in
`hurried_rounds`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from alphapulse_assets.collecting.turns import Turn
from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.provider import Provider
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Collecting
from alphapulse_resources.venues.limits import Bucket

log = logging.getLogger(__name__)

LOOKS: Final = timedelta(seconds=15)
"""How often it is looked (ours): minutes close once a minute, and come at different times."""
USUAL_FOR: Final = timedelta(minutes=10)
"""How long the median of the last day is taken for granted (ours): it hardly changes, and reads a day."""
ONCE: Final = timedelta(minutes=1)
"""A collector is not hurried more often than this (ours)."""
LEAST_LEFT: Final = 0.5
"""Share of what a provider's budget holds that has to be left (ours): the rest is for usual rounds."""


NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Move(NamedTuple):
    """A symbol that moved much more than usual."""

    instrument_id: int
    name: str  # venue and symbol
    ts: datetime  # close of the newest minute that was looked at
    volatility: float  # root of the sum of squared logarithmic returns
    usual: float  # median of the same over the last day


class Seen(NamedTuple):
    """What a look found: moves, and sources that are not to be asked more, with the reason."""

    moves: list[Move]
    spent: dict[str, str]


@dataclass(slots=True)
class Volatility:
    """Reads how much tracked symbols move; it remembers what is usual for a while."""

    database: Database
    settings: Collecting
    budgets: Mapping[str, Mapping[str, Bucket]]  # by source
    looks: timedelta = LOOKS
    _usual: dict[int, float] | None = None
    _usual_since: datetime = NEVER

    def look(self, now: datetime) -> Seen:
        """Symbols that move much more than usual and do not rest."""
        minutes = self.settings.hurry_minutes
        if self._usual is None or now - self._usual_since >= USUAL_FOR:
            rows = self.database.rows(
                statement("collecting/usual_volatility"), {"now": now, "minutes": minutes}
            )
            self._usual = {row["instrument_id"]: row["usual"] for row in rows}
            self._usual_since = now
        asked = {
            "now": now,
            "minutes": minutes,
            "floor": self.settings.hurry_floor,
            "rest": timedelta(minutes=self.settings.hurry_rest_minutes),
        }
        moves = [
            Move(row["instrument_id"], row["name"], row["ts"], row["volatility"], usual)
            for row in self.database.rows(statement("collecting/moving_symbols"), asked)
            if (usual := self._usual.get(row["instrument_id"])) is not None
            and row["volatility"] > self.settings.hurry_ratio * usual
        ]
        return Seen(moves, self._spent(now) if moves else {})

    def note(self, moves: Iterable[Move], hurried: Sequence[str], spent: Mapping[str, str]) -> None:
        """Keep what was seen and who was asked; the symbols rest from now on."""
        for move in moves:
            self.database.execute(
                statement("collecting/note_hurried"),
                {
                    **move._asdict(),
                    "ratio": move.volatility / max(move.usual, 1e-12),
                    "minutes": self.settings.hurry_minutes,
                    "collectors": list(hurried),
                    "kept_waiting": Jsonb(dict(spent)),
                },
            )

    def _spent(self, now: datetime) -> dict[str, str]:
        buckets = {name: bucket for budget in self.budgets.values() for name, bucket in budget.items()}
        rows = self.database.rows(statement("collecting/budgets"), {"buckets": list(buckets)})
        used = {row["bucket"]: row for row in rows}
        found: dict[str, str] = {}
        for source, budget in self.budgets.items():
            for name, bucket in budget.items():
                if name in used and (why := too_little(bucket, used[name], now)) is not None:
                    found[source] = f"{name}: {why}"
        return found


@dataclass(slots=True)
class Hurry:
    """Makes collectors due when `volatility` sees a move. Reading and noting have a thread of their own."""

    volatility: Volatility
    said: Callable[[str], None]
    _pool: ThreadPoolExecutor
    _looking: Future[Seen] | None = None
    _next: datetime = NEVER

    def tick(self, turns: Sequence[Turn], now: datetime) -> None:
        """Called by the poller again and again, from its own thread; it never waits and never raises."""
        if self._looking is not None and self._looking.done():
            looked, self._looking = self._looking, None
            try:
                seen = looked.result()
            except Exception as error:  # a database that is away is told of by its watch
                log.warning("could not look whether symbols move: %s", error)
            else:
                self._ask_at_once(turns, seen, now)
        if self._looking is None and now >= self._next:
            self._next = now + self.volatility.looks
            self._looking = self._pool.submit(self.volatility.look, now)

    def close(self) -> None:
        """Look no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask_at_once(self, turns: Sequence[Turn], seen: Seen, now: datetime) -> None:
        if not seen.moves:
            return
        hurried, waiting = make_due(turns, seen.spent, now)
        for move in seen.moves:
            times = move.volatility / max(move.usual, 1e-12)
            self.said(
                f"{move.name} moves {times:.1f} times as much as usual ({move.volatility:.2%} until "
                f"{move.ts:%H:%M}): asking {', '.join(hurried) or 'nobody'} at once"
            )
        self._pool.submit(self._note, seen.moves, hurried, waiting)

    def _note(self, moves: list[Move], hurried: list[str], waiting: dict[str, str]) -> None:
        try:
            self.volatility.note(moves, hurried, waiting)
        except psycopg.Error:
            log.exception("could not note who was asked at once")


def hurry_of(sources: Sources, collectors: Iterable[Collector], said: Callable[[str], None]) -> Hurry | None:
    """What hurries these collectors; None where none of them is to be, or it is switched off."""
    hurried = {each.source for each in collectors if each.hurried}
    settings = sources.settings.collecting
    if not (settings.hurry and hurried):
        return None
    budgets = budgets_of(each for each in PROVIDERS if each.name in hurried)
    pool = ThreadPoolExecutor(1, thread_name_prefix="hurry")
    return Hurry(Volatility(sources.database, settings, budgets), said, pool)


def budgets_of(providers: Iterable[Provider]) -> dict[str, dict[str, Bucket]]:
    """Buckets by provider."""
    return {each.name: each.budgets for each in providers}


def make_due(
    turns: Sequence[Turn], spent: Mapping[str, str], now: datetime
) -> tuple[list[str], dict[str, str]]:
    """Make collectors that are to be hurried due: now, or a minute after they were last asked.

    Gives who became due, and who did not with the reason.
    """
    hurried: list[str] = []
    waiting: dict[str, str] = {}
    for turn in turns:
        if not turn.collector.hurried:
            continue
        if (why := spent.get(turn.collector.source)) is not None:
            waiting[turn.collector.name] = why
            continue
        soonest = now if turn.asked is None else max(now, turn.asked + ONCE)
        turn.due = min(turn.due, soonest)
        hurried.append(turn.collector.name)
    return hurried, waiting


def too_little(bucket: Bucket, used: Mapping[str, Any], now: datetime) -> str | None:
    """Why nothing more than usual is to be asked of a budget; None where enough is left."""
    if used["blocked_until"] > now:
        return f"no request before {used['blocked_until']:%Y-%m-%d %H:%M:%S} UTC ({used['reason']})"
    taken = max(0.0, (used["used_until"] - now).total_seconds()) * bucket.rate
    left = max(0.0, 1 - taken / bucket.burst)
    return None if left >= LEAST_LEFT else f"{left:.0%} of what may be asked at once is left"
