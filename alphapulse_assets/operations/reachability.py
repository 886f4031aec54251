"""Whether the database can be reached, told to the webhook from a thread of the code server's process.

Dagster keeps its own storage on the same server: when that is away no sensor is evaluated, so no sensor could
tell. The thread is started by the first look of the sensor `platform_watch` and goes on without it; not below
`alphapulse up`, which watches the database itself.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import psycopg
from pydantic import SecretStr

from alphapulse_assets.operations.rules import lasted
from alphapulse_assets.operations.telling import REMIND
from alphapulse_resources.database.client import Database
from alphapulse_resources.platform_alerts import Delivery, PlatformAlert, deliver, store
from alphapulse_resources.settings import Settings

EVERY: Final = 15.0
"""Seconds between two attempts (ours)."""
PATIENCE: Final = 40.0
"""Seconds without the database until it is told: a restart takes fewer (ours)."""
KIND, SUBJECT = "database", "connection"

log = logging.getLogger(__name__)


class Reachability:
    """Tells when the database went and when it came back. Safe to share between threads."""

    def __init__(self, settings: Settings, dsn: Callable[[], SecretStr], every: float = EVERY) -> None:
        self._settings = settings
        self._dsn = dsn
        self._every = every
        self._lock = threading.Lock()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database reachability", daemon=True)
        self._since: float | None = None  # when it was first found to be away
        self._told_at: float | None = None
        self._told: list[tuple[PlatformAlert, Delivery]] = []  # to be kept once it is back

    def start(self) -> None:
        """Look from now on, once."""
        with self._lock:
            if not self._thread.is_alive() and not self._leaving.is_set():
                self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def away(self, error: Exception, *, sure: bool = False) -> None:
        """It could not be reached. `sure`: whoever says so tried for long enough."""
        with self._lock:
            now = time.time()
            self._since = self._since or now
            again = self._told_at is None or now - self._told_at >= REMIND["critical"]
            if not again or (now - self._since < PATIENCE and not sure):
                return
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            title = f"the database cannot be reached: {first}"
            detail = {"since": datetime.fromtimestamp(self._since, UTC).isoformat()}
            if self._tell(PlatformAlert(KIND, SUBJECT, "critical", title, detail, datetime.now(UTC))):
                self._told_at = now

    def here(self) -> None:
        """It could be reached."""
        with self._lock:
            since, self._since = self._since, None
            if since is not None and self._told_at is not None:
                title = f"over: the database can be reached again after {lasted(time.time() - since)}"
                detail = {"seconds": round(time.time() - since)}
                self._tell(
                    PlatformAlert(KIND, SUBJECT, "info", title, detail, datetime.now(UTC), resolved=True)
                )
            self._told_at = None
            told, self._told = self._told, []
        if told:
            database = Database(self._dsn())
            for alert, delivery in told:
                store(database, alert, delivery)

    def _tell(self, alert: PlatformAlert) -> bool:
        delivery = deliver(self._settings, alert)
        if delivery is None:
            return False
        self._told = [*self._told[-20:], (alert, delivery)]
        return delivery.outcome == "delivered"

    def _run(self) -> None:
        while not self._leaving.wait(self._every):
            try:
                with psycopg.connect(self._dsn().get_secret_value(), connect_timeout=5) as connection:
                    connection.execute("SELECT 1")
                self.here()
            except psycopg.OperationalError as error:
                self.away(error)
            except Exception:
                log.exception("whether the database can be reached could not be asked")
