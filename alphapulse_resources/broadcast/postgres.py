"""PostgreSQL's notifications as a bus."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import psycopg
from pydantic import SecretStr

from alphapulse_resources.broadcast.bus import BusError

NOTIFY: Final = (
    "SELECT pg_notify(%s, pg_current_xact_id()::text || ' ' || p)"
    " FROM unnest(%b::text[]) WITH ORDINALITY AS given (p, place) ORDER BY place"
)
"""Payloads of the transaction it is in. In binary: as text, quotes cost fifteen times as much (measured)."""
_PUBLISH: Final = (
    "SELECT pg_notify(%s, p) FROM unnest(%b::text[]) WITH ORDINALITY AS given (p, place) ORDER BY place"
)
LOOK_SECONDS: Final = 15.0
"""After so much silence the listening connection is asked whether it still is one (ours)."""
# a server that is gone without a word is noticed within some 10 s (ours)
_KEEPALIVE: Final[dict[str, Any]] = {
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class PostgresBus:
    """One connection for publishing, made when it is needed; one for each listener, which only reads."""

    in_transaction: Final = True

    def __init__(self, dsn: str | SecretStr, name: str = "alphapulse live") -> None:
        self._dsn = dsn if isinstance(dsn, SecretStr) else SecretStr(dsn)
        self._name = name
        self._publishing: psycopg.Connection[Any] | None = None

    def publish(self, topic: str, payloads: Sequence[bytes]) -> None:
        """See `Bus`; in a transaction of its own."""
        try:
            if self._publishing is None or self._publishing.closed:
                self._publishing = psycopg.connect(
                    self._dsn.get_secret_value(),
                    autocommit=True,
                    connect_timeout=5,
                    application_name=self._name,
                    **_KEEPALIVE,
                )
            self._publishing.execute(_PUBLISH, [topic, [payload.decode() for payload in payloads]])
        except psycopg.Error as error:
            self.close()
            raise BusError(f"the database took no notification: {_words(error)}") from error

    async def listen(self, topic: str) -> AsyncIterator[bytes | None]:
        """See `Bus`. It holds no transaction open, which would keep the server from forgetting."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._dsn.get_secret_value(),
                autocommit=True,
                connect_timeout=5,
                application_name=self._name,
                **_KEEPALIVE,
            )
        except psycopg.Error as error:
            raise BusError(f"the database cannot be listened to: {_words(error)}") from error
        try:
            await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(topic)))
            yield None
            while True:
                async for heard in connection.notifies(timeout=LOOK_SECONDS):
                    yield heard.payload.encode()
                await connection.execute("SELECT 1")
        except psycopg.Error as error:
            raise BusError(f"the database is not heard any more: {_words(error)}") from error
        finally:
            await connection.close()

    def close(self) -> None:
        """See `Bus`."""
        connection, self._publishing = self._publishing, None
        if connection is not None:
            connection.close()


def _words(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0]
