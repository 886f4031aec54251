"""What the recorded states of books add up to: whether each change follows from the last, how long each held.

Pure. Times are aware UTC datetimes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

SYNCED: Final = "synced"
STOPPED: Final = "stopped"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a book's state."""

    ts: datetime
    before: str
    after: str
    cause: str


@dataclass(frozen=True, slots=True)
class Break:
    """A change that does not begin where the one before it ended: something was not recorded."""

    ts: datetime
    expected: str
    found: str
    cause: str


def find_breaks(changes: Sequence[Change]) -> list[Break]:
    """Breaks in one book's changes, oldest first. What comes before the first one is not known."""
    found: list[Break] = []
    state: str | None = None
    for change in _in_order(changes):
        if state is not None and not _follows(state, change.before):
            found.append(Break(change.ts, state, change.before, change.cause))
        state = change.after
    return found


def synced_seconds(changes: Sequence[Change], start: datetime, end: datetime) -> tuple[float, float]:
    """Seconds in [start, end) in which one book was synced, and in which it was followed at all."""
    synced = followed = 0.0
    ordered = list(_in_order(changes))
    for change, until in zip(ordered, [*(later.ts for later in ordered[1:]), end], strict=True):
        seconds = (min(until, end) - max(change.ts, start)).total_seconds()
        if seconds <= 0 or change.after == STOPPED:
            continue
        followed += seconds
        if change.after == SYNCED:
            synced += seconds
    return synced, followed


def _follows(state: str, before: str) -> bool:
    return before == state or (state == STOPPED and before == NONE)


def _in_order(changes: Iterable[Change]) -> Iterator[Change]:
    """Oldest first; changes of the same moment as they follow from each other."""
    state: str | None = None
    for _, group in groupby(sorted(changes, key=lambda change: change.ts), key=lambda change: change.ts):
        left = list(group)
        while left:
            nexts = [change for change in left if state is not None and _follows(state, change.before)]
            # one that stays where it is comes before one that leaves
            chosen = min(nexts or _heads(left), key=lambda change: change.before != change.after)
            left.remove(chosen)
            state = chosen.after
            yield chosen


def _heads(changes: Sequence[Change]) -> list[Change]:
    """Those that no other one leads to, if there are such."""
    reached = {change.after for change in changes if change.after != change.before}
    return [change for change in changes if change.before not in reached] or list(changes)
