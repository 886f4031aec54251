"""Where the data are: a home that runs (the demo's too), a database by its URL, or an API by its address."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from alphapulse.backends.backend import Backend
from alphapulse.errors import AccessError, ConnectError, DemoDataWarning, ParameterError
from alphapulse.warned import warn
from alphapulse_resources.database.analyst import AnalystError, analyst_dsn
from alphapulse_resources.database.connection import NoDatabaseError, resolve_dsn
from alphapulse_resources.postgres.embedded import EmbeddedPostgresError
from alphapulse_resources.settings import Settings, SettingsError, read_settings

DATABASES: Final = ("postgresql://", "postgres://")
APIS: Final = ("http://", "https://")
TIMEOUT: Final = "60s"
"""Time limit of a statement over a DSN given by hand, unless the DSN sets one (ours)."""
DEMO: Final = "demo"
"""Folder of a home in which `alphapulse demo` lives."""
_WAYS: Final = (
    "connect() finds the home that runs; connect('postgresql://user@host/database') asks a database, "
    "connect('http://127.0.0.1:3160') an API, connect('/path/to/.alphapulse') another home"
)


def backend_of(where: str | Path | None, token: str | None) -> Backend:
    """Who answers. Raises: ConnectError, AccessError, ParameterError."""
    if isinstance(where, str) and where.startswith(APIS):
        from alphapulse.backends.api import ApiBackend

        return ApiBackend(where, token)
    if token is not None:
        raise ParameterError("token", "a token is for an API: pass its address (http://...) too, or no token")
    if isinstance(where, str) and where.startswith(DATABASES):
        return _by_dsn(where)
    if isinstance(where, str) and ("://" in where or "=" in where):
        raise ParameterError("where", f"this is no address of a database or an API (not shown here); {_WAYS}")
    return _by_home(None if where is None else Path(where))


def _by_home(home: Path | None) -> Backend:
    try:
        settings = read_settings()
    except SettingsError as error:
        raise ParameterError("where", str(error)) from error
    if home is not None:
        if not home.expanduser().is_dir():
            raise ConnectError(f"there is no folder {home}; {_WAYS}")
        settings = settings.model_copy(update={"home": home.expanduser().resolve(), "dsn": None})
    settings, dsn = _running(settings)
    try:
        analyst = analyst_dsn(settings, dsn)
    except AnalystError as error:
        raise AccessError(str(error)) from error
    except psycopg.OperationalError as error:
        raise ConnectError(f"{_named(dsn)} does not answer: {_last_line(error)}") from error
    return _database(analyst, dsn, settings)


def _running(settings: Settings) -> tuple[Settings, str]:
    """The settings whose database runs: these, or those of the demo in the same home."""
    demo = settings.model_copy(update={"home": settings.home / DEMO, "dsn": None})
    try:
        return settings, resolve_dsn(settings).get_secret_value()
    except (NoDatabaseError, EmbeddedPostgresError) as error:
        try:
            dsn = resolve_dsn(demo).get_secret_value() if demo.home.is_dir() else None
        except (NoDatabaseError, EmbeddedPostgresError):
            dsn = None
        if dsn is None:
            raise ConnectError(f"{error} An API is asked by connect('http://127.0.0.1:3160').") from error
        return demo, dsn


def _database(dsn: str, owner: str, settings: Settings) -> Backend:
    from alphapulse.backends.database import DatabaseBackend  # polars and ADBC take a moment

    name = _named(owner)
    if settings.dsn is None:
        home = settings.home.resolve()
        name += f", home {home}"
        if home.name == DEMO:
            name += ", demo"
            warn(
                f"these are the simulated markets of the demo in {home}: nobody traded at these prices",
                DemoDataWarning,
            )
    return DatabaseBackend(SecretStr(dsn), name, f"ws://{settings.api.host}:{settings.api.port}/ws")


def _by_dsn(dsn: str) -> Backend:
    """A database by hand: sessions that only read, whatever the role may do."""
    from alphapulse.backends.database import DatabaseBackend

    try:
        given = conninfo_to_dict(dsn)
        options = str(given.get("options") or "")
        if "statement_timeout" not in options:
            options += f" -c statement_timeout={TIMEOUT}"
        read_only = make_conninfo(dsn, options=f"{options} -c default_transaction_read_only=on".strip())
        with psycopg.connect(read_only, connect_timeout=10) as connection:
            _check_schema(connection, _named(dsn))
    except psycopg.ProgrammingError:
        raise ParameterError(
            "where",
            "this is no connection URL such as postgresql://user@host:5432/database; special characters of a "
            "password are percent-encoded (yours is not shown)",
        ) from None
    except psycopg.OperationalError as error:
        kind = AccessError if "authentication" in str(error) or "password" in str(error) else ConnectError
        raise kind(
            f"{_named(dsn)} cannot be reached: {_last_line(error)}. Is the server up, and are host, port, "
            "user and password right?"
        ) from error
    return DatabaseBackend(SecretStr(read_only), _named(dsn))


def _check_schema(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    found = connection.execute("SELECT to_regclass('ohlcv_1m') IS NOT NULL").fetchone()
    if found is None or not found[0]:
        raise ConnectError(f"{name} has no tables of AlphaPulse: `alphapulse migrate` makes them")


def _named(dsn: str) -> str:
    """A database without user and password."""
    parts = urlsplit(dsn) if "://" in dsn else None
    given = conninfo_to_dict(dsn)
    host = given.get("host") or (parts and parts.hostname) or "local"
    return f"database {given.get('dbname') or given.get('user') or ''} at {host}:{given.get('port') or 5432}"


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no answer"])[-1].strip()
