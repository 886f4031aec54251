"""The bus: how payloads go from those who store to those who serve, without either knowing the other.

PostgreSQL's notifications are the usual one: the writer's own transaction sends them, so that nothing is told
that is not stored. Redis takes their place by a setting, where books are many or hosts are.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from alphapulse_resources.database.client import Database

CHANNEL: Final = "alphapulse_live"
"""Notifications are a database's own, so two databases of a server do not mix."""


class BusError(RuntimeError):
    """The bus could not be reached, or was lost; the message says which and why."""


class Bus(Protocol):
    """Publishing blocks and is for threads; listening is for an event loop."""

    @property
    def in_transaction(self) -> bool:
        """Whether the writer's transaction carries the payloads itself; `publish` is for the others then."""

    def publish(self, topic: str, payloads: Sequence[bytes]) -> None:
        """Send payloads in order, each with its transaction before it. Raises: BusError."""

    def listen(self, topic: str) -> AsyncIterator[bytes | None]:
        """Payloads as they come, until closed. The first thing that comes is None: from then on all is heard.

        Raises: BusError when the connection is lost.
        """

    def close(self) -> None:
        """Give up what `publish` holds open."""


def topic_of(database: Database) -> str:
    """The name under which a stack is heard where several share a bus: its server's and database's own."""
    row = database.rows(
        "SELECT current_database() AS name, (SELECT system_identifier FROM pg_control_system()) AS server"
    )[0]
    return f"{CHANNEL}:{row['server']}:{row['name']}"
