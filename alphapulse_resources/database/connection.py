"""Which database this process uses: the one ALPHAPULSE_DSN names, or the embedded server of this home."""

import getpass
import os

from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo
from pydantic import SecretStr

from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.settings import Settings

DAGSTER_VARIABLES = (
    "DAGSTER_PG_HOST",
    "DAGSTER_PG_PORT",
    "DAGSTER_PG_USERNAME",
    "DAGSTER_PG_PASSWORD",
    "DAGSTER_PG_DB",
)
DEFAULT_PORT = "5432"


class NoDatabaseError(RuntimeError):
    """There is no database to use; the message says how to get one."""


def resolve_dsn(settings: Settings) -> SecretStr:
    """The connection string to use. Attaches to the embedded server but never starts or stops it."""
    if settings.dsn is not None:
        return settings.dsn
    server = embedded(settings).attach()
    if server is None:
        raise NoDatabaseError(
            f"no database: nothing runs in {settings.home.resolve()}. Start it with `alphapulse up`, "
            "`alphapulse demo` or, for the database alone, `alphapulse db start`; or set ALPHAPULSE_DSN to "
            "your PostgreSQL or TimescaleDB."
        )
    return SecretStr(server.dsn)


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The embedded server that belongs to the settings' home."""
    return EmbeddedPostgres(settings.home.resolve(), bin_dir=settings.database.postgres_bin)


def dagster_environment(dsn: str, database: str) -> dict[str, str]:
    """The variables `dagster.yaml` reads, for Dagster's own database on the same server.

    Whatever else the DSN says of the way to the server (sslmode, sslrootcert, options ...) goes by libpq's
    own variables: Dagster's driver is libpq too, and so verifies the server just as ours does. A socket's
    directory, or several hosts, cannot stand in Dagster's URL and go the same way.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    host, port = given.get("host", ""), given.get("port", "")
    plain_host = bool(host) and not host.startswith(("/", "@")) and "," not in host
    values = (
        (f"[{host}]" if ":" in host else host) if plain_host else "",
        port if port.isdigit() else DEFAULT_PORT,
        given.get("user") or os.environ.get("PGUSER") or getpass.getuser(),
        given.get("password", ""),
        database,
    )
    left_out = {"port", "user", "password", "dbname"} | ({"host"} if plain_host else set())
    by_libpq = {
        variable: given[name]
        for name, variable in _libpq_variables().items()
        if name in given and name not in left_out
    }
    return dict(zip(DAGSTER_VARIABLES, values, strict=True)) | by_libpq


def _libpq_variables() -> dict[str, str]:
    """Environment variables that libpq reads, by the parameter each stands for."""
    known = ((option.keyword.decode(), option.envvar) for option in Conninfo.get_defaults())
    return {name: variable.decode() for name, variable in known if variable}
