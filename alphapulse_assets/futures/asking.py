"""Asking a venue many questions at once, so that the failure of one symbol stops nobody else.

What concerns the whole venue (it refuses this address, or bans it) is not asked again for each symbol: the
first such answer ends the round.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from alphapulse_resources.venues.futures_api import Answer, Question
from alphapulse_resources.venues.model import ErrorKind, Fetch, Reject, VenueError

if TYPE_CHECKING:
    from alphapulse_resources.venues.public_api import VenueApi

T = TypeVar("T")

WORKERS: Final = 8
"""Requests under way at once (ours): 300 of them in some seconds, and few threads on two cores."""
_OF_ALL: Final = frozenset({ErrorKind.GEO_BLOCKED, ErrorKind.BANNED})


@dataclass(slots=True)
class Asked(Generic[T]):
    """What came of questions by their names: answers and when they came, what did not, and the requests."""

    answers: dict[str, Answer[T]] = field(default_factory=dict)
    known_at: dict[str, datetime] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    errors: list[VenueError] = field(default_factory=list)

    def rejects(self, symbols: Mapping[str, object]) -> list[Reject]:
        """Rows that could not be read, without those of symbols that nobody asked for."""
        every = [reject for answer in self.answers.values() for reject in answer.rejects]
        return [each for each in every if _named(each) in {None, *symbols}]


def _named(reject: Reject) -> object:
    """The symbol of a row that could not be read, under one of the names that venues give it."""
    return reject.payload.get("symbol") or reject.payload.get("instId")


def ask_each(api: "VenueApi", questions: Mapping[str, Question[Answer[T]]], now: datetime) -> Asked[T]:
    """Ask all of them, `WORKERS` at once.

    Raises `VenueError`, with the requests of all, where not one was answered.
    """
    found: Asked[T] = Asked()
    stop, lock = threading.Event(), threading.Lock()

    def ask(name: str) -> None:
        if stop.is_set():
            return
        try:
            response = api.ask(questions[name], (now, now))
        except VenueError as error:
            if error.kind in _OF_ALL:
                stop.set()
            with lock:
                found.errors.append(error)
                found.missing[name] = str(error)
                found.fetches.extend(error.fetches)
            return
        with lock:
            found.answers[name] = response.value
            found.known_at[name] = datetime.now(UTC)
            found.fetches.extend(response.fetches)

    with ThreadPoolExecutor(min(WORKERS, max(1, len(questions)))) as pool:
        list(pool.map(ask, questions))
    if found.errors and not found.answers:
        first = found.errors[0]
        raise VenueError(first.kind, str(first), retry_after=first.retry_after, fetches=found.fetches)
    for name in questions.keys() - found.answers.keys() - found.missing.keys():
        found.missing[name] = f"not asked: {found.errors[0]}"
    return found
