"""The Python client of this environment's database, for commands that print what it answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from alphapulse.backends.database import DatabaseBackend
from alphapulse.client.client import Client
from alphapulse.errors import AlphaPulseError
from alphapulse_cli.database import CommandError, open_database


@contextmanager
def client() -> Iterator[Client]:
    """The client; what it refuses becomes a CommandError."""
    database = open_database()
    backend = DatabaseBackend(SecretStr(database.dsn), "this environment's database", database=database)
    with Client(backend) as made:
        try:
            yield made
        except AlphaPulseError as error:
            raise CommandError(str(error)) from None
