"""What happens to a stack: a line for the terminal, and an alert of the platform, told without waiting."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from alphapulse_resources.database.client import Database
from alphapulse_resources.platform_alerts import Delivery, PlatformAlert, deliver, store
from alphapulse_resources.settings import Settings
from alphapulse_resources.webhook import Severity

log = logging.getLogger(__name__)

Say = Callable[[str], None]
KEPT: Final = 200
"""Alerts that wait for the database at most (ours)."""
STORE_SECONDS: Final = 10.0
"""Between tries to store what waits (ours)."""
CLOSE_SECONDS: Final = 12.0
"""What the last alert may take: a little more than the delivery of one (ours)."""


class Announcer:
    """Says lines; tells alerts in a thread of its own, so that healing does not wait for a webhook.

    An alert is a row too, once the database that `dsn` names takes it.
    """

    def __init__(self, settings: Settings, say: Say, dsn: Callable[[], str]) -> None:
        self._settings = settings
        self.say = say
        self._dsn = dsn
        self._waiting: queue.Queue[PlatformAlert | None] = queue.Queue()
        self._unstored: deque[tuple[PlatformAlert, Delivery | None]] = deque(maxlen=KEPT)
        self._thread: threading.Thread | None = None

    def announce(
        self,
        kind: str,
        subject: str,
        line: str,
        *,
        severity: Severity = "critical",
        resolved: bool = False,
        **detail: Any,
    ) -> None:
        """Say the line, and tell it as an alert; `kind` and `subject` say what it is about."""
        self.say(line)
        alert = PlatformAlert(kind, subject, severity, line, detail, datetime.now(UTC), resolved)
        if self._thread is None:
            self._thread = threading.Thread(target=self._tell, name="announcements", daemon=True)
            self._thread.start()
        self._waiting.put(alert)

    def close(self) -> None:
        """Wait, within bounds, until what was announced is told."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(CLOSE_SECONDS)
            self._thread = None

    def _tell(self) -> None:
        while True:
            with suppress(queue.Empty):
                alert = self._waiting.get(timeout=STORE_SECONDS)
                if alert is None:
                    self._store()
                    return
                self._unstored.append((alert, deliver(self._settings, alert)))
            self._store()

    def _store(self) -> None:
        while self._unstored and (dsn := self._dsn()):
            try:
                store(Database(dsn), *self._unstored[0])
            except psycopg.Error as error:
                log.debug("alerts wait for the database: %s", error)
                return
            self._unstored.popleft()
