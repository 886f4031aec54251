"""Rules that are asked by how things stand: by the poller after its rounds, by the watch each half minute."""

import logging
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import psycopg

from alphapulse_assets.alerting.evaluating import Fired, RuleBook
from alphapulse_assets.alerting.readings import standing
from alphapulse_assets.alerting.telling import tell
from alphapulse_assets.alerts.expressions.fields import Evaluator
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings

log = logging.getLogger(__name__)

REST_SECONDS: Final = 1.0
"""Between two looks of the poller (ours): rounds that end together are one look."""
CHANGED_SECONDS: Final = 1.0
"""How often the poller asks whether rules have changed (ours)."""


def look(book: RuleBook, now: datetime) -> Sequence[Fired]:
    """Ask all rules of a book by how things stand now; alerts that are stored by that. Blocking."""
    if (loaded := book.load()) is not None:
        book.apply(loaded)
    if not book.watch.rules:
        return ()
    book.read_instruments()
    scopes = [rule.instruments for rule in book.watch.rules]
    every = any(scope is None for scope in scopes)
    wanted = set(book.instruments) if every else set().union(*(scope or () for scope in scopes))
    instruments = sorted(wanted & book.instruments.keys())
    for news in standing(book.database, book.watch.reads.values(), instruments, now):
        book.watch.know(news)
    moves = [move for each in instruments for move in book.watch.look(each, now.timestamp())]
    fired: Sequence[Fired] = ()
    if moves:
        stored = book.store(moves)
        book.settle(stored)
        fired = stored.fired
    book.note_looks()
    return fired


def look_once(database: Database, settings: Settings, now: datetime) -> list[str]:
    """What the watch does: all of its rules, from what is remembered in rows; the titles of what fired."""
    fired = look(RuleBook(database, Evaluator.WATCH, Evaluator.WATCH.value), now)
    tell(database, settings.alerts, fired, longest=10.0)
    return [each.title for each in fired]


@dataclass(slots=True)
class PolledRules:
    """The poller's rules, in a thread of their own: no collector waits for them, and no rule for a sink."""

    database: Database
    settings: Settings
    _came: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def took(self, datasets: Collection[str]) -> None:
        """Rows of these data sets were stored."""
        if datasets:
            self._came.set()

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="alert rules", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, after a last look at what came."""
        self._stop.set()
        self._came.set()
        if self._thread is not None:
            self._thread.join(timeout=15)

    def _run(self) -> None:
        book = RuleBook(self.database, Evaluator.POLLER, Evaluator.POLLER.value)
        with ThreadPoolExecutor(1, thread_name_prefix="tell alerts") as telling:
            while not self._stop.is_set():
                came = self._came.wait(CHANGED_SECONDS)
                self._came.clear()
                try:
                    if (loaded := book.load()) is not None:
                        book.apply(loaded)
                    elif not came:
                        continue
                    if fired := look(book, datetime.now(UTC)):
                        telling.submit(tell, self.database, self.settings.alerts, fired)
                except psycopg.Error as error:
                    log.warning("alert rules could not be asked: %s", error)
                self._stop.wait(REST_SECONDS)
