"""The analysts' log-in: a role that reads every table, with a password and limits of its own.

Roles belong to the server: each database has an analyst of its own, so that a password or a limit set for one
does not change another's. With a password in the settings it is the role `alphapulse_analyst`, for people and
programs; without one the password is made here and kept in the home.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from alphapulse_resources.database.statements import template
from alphapulse_resources.postgres.process import open_private
from alphapulse_resources.settings import PROJECT_ROOT, Settings

ANALYST: Final = "alphapulse_analyst"
NAME_BYTES: Final = 63
"""Longest name of a role in PostgreSQL."""
_SQL: Final = PROJECT_ROOT / "sql" / "roles"


class AnalystError(RuntimeError):
    """Nobody can log in as the analyst; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Login:
    """A role and the password that this process knows of it; printing it shows no password."""

    role: str
    password: str | None

    def __repr__(self) -> str:
        return f"Login({self.role!r})"


def own_role(database: str) -> str:
    """The name of a database's own analyst."""
    name = f"{ANALYST}_{database}"
    if len(name.encode()) <= NAME_BYTES:
        return name
    digest = hashlib.sha256(database.encode()).hexdigest()[:8]
    return name.encode()[: NAME_BYTES - 9].decode(errors="ignore") + f"_{digest}"


def known_login(settings: Settings, dsn: str) -> Login:
    """The analyst's log-in as the settings or the home have it; the password may be unknown or old."""
    if settings.analysts.password is not None:
        return Login(ANALYST, settings.analysts.password.get_secret_value())
    role = own_role(_target(dsn)[2])
    path = _password_file(settings, dsn, role)
    return Login(role, path.read_text().strip() if path.exists() else None)


@contextmanager
def analyst_connection(settings: Settings, dsn: str, **parameters: Any) -> Iterator[psycopg.Connection[Any]]:
    """A session that logged in as the analyst, whose changes, if it could make any, are rolled back.

    Raises AnalystError where that cannot be; never the owner's session under another name.
    """
    login = known_login(settings, dsn)
    if login.password is None:
        psycopg.connect(dsn, connect_timeout=10).close()  # raises where it is the server that is away
        raise AnalystError(
            f"no password of {login.role} is known in {settings.home.resolve()}: run `alphapulse migrate`, "
            "which makes one (on each machine, or set the same ALPHAPULSE_ANALYSTS__PASSWORD on all)"
        )
    try:
        connection = _log_in(dsn, login, **parameters)
    except psycopg.OperationalError as error:
        psycopg.connect(dsn, connect_timeout=10).close()  # as above
        raise AnalystError(f"{_refusal(login, error)}; {_way_on(settings)}") from error
    with connection:
        if (who := connection.execute("SELECT session_user, current_user").fetchone()) != (login.role,) * 2:
            raise AnalystError(f"the server made {who} of a log-in as {login.role}: not used")
        connection.rollback()
        yield connection
        connection.rollback()


def prepare_analyst(settings: Settings, dsn: str) -> list[str]:
    """Make the analyst's role if there is none, give it its rights, limits and password; what could not be.

    To be repeated: a restored database so gets its rights, and what an analyst changed of its role is undone.
    """
    login = known_login(settings, dsn)
    lacking: list[str] = []
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as owner:

        def attempt(what: str, change: Callable[[], object]) -> None:
            try:
                change()
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
                lacking.append(f"{what}: {error.diag.message_primary}")

        attempt(f"role {login.role} not made", lambda: _make(owner, login.role))
        for role in {ANALYST, login.role}:
            attempt(f"rights of {role} not given", lambda role=role: _grant(owner, role))  # type: ignore[misc]
        attempt(f"limits of {login.role} stay as they are", lambda: _limit(owner, login.role, settings))
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
            # only a superuser may, or who was given SET ON PARAMETER temp_file_limit
            _set(owner, login.role, "temp_file_limit", f"{settings.analysts.temp_megabytes}MB")
        if _is_superuser(owner):
            owner.execute((_SQL / "side_doors.sql").read_bytes())
        attempt(f"password of {login.role} not set", lambda: _set_password(owner, settings, dsn, login))
    known = known_login(settings, dsn)
    if known.password is not None:
        try:
            _log_in(dsn, known).close()
        except psycopg.OperationalError as error:
            lacking.append(f"`alphapulse sql` will not work: {_refusal(known, error)}")
    return lacking


def analyst_dsn(settings: Settings, dsn: str) -> str:
    """The connection URL of the analyst; raises AnalystError where nobody can log in by it."""
    from sqlalchemy.engine import make_url  # takes a moment, which `alphapulse sql` does not need

    with analyst_connection(settings, dsn):
        login = known_login(settings, dsn)
    url = make_url(dsn).difference_update_query(["user", "password", "passfile"])
    written = url.set(username=login.role, password=login.password).render_as_string(hide_password=False)
    place, mark, query = written.partition("?")
    return place + mark + query.replace("+", "%20")  # SQLAlchemy's blank, which libpq reads as a plus


def _make(owner: psycopg.Connection[Any], role: str) -> None:
    for name in {ANALYST, role}:
        if owner.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
            # another process may be faster
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                owner.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))


def _grant(owner: psycopg.Connection[Any], role: str) -> None:
    given = {"role": sql.Identifier(role), "database": sql.Identifier(owner.info.dbname)}
    owner.execute(template("roles/analyst_rights", **given))
    # only where it is missing: a table of TimescaleDB hands a right on to each of its chunks
    unreadable = owner.execute((_SQL / "unreadable.sql").read_bytes(), [role]).fetchall()
    for (table,) in unreadable:
        owner.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), sql.Identifier(role)))


def _limit(owner: psycopg.Connection[Any], role: str, settings: Settings) -> None:
    """Sessions, time, and read-only from the start; in this database only, but for the number of sessions."""
    name, database = sql.Identifier(role), sql.Identifier(owner.info.dbname)
    owner.execute(
        sql.SQL("ALTER ROLE {} LOGIN CONNECTION LIMIT {}").format(
            name, sql.Literal(settings.analysts.connections)
        )
    )
    if role != ANALYST:
        owner.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
    owner.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} RESET ALL").format(name, database))
    seconds = f"{settings.analysts.timeout_seconds}s"
    for setting, value in (
        ("statement_timeout", seconds),
        ("idle_in_transaction_session_timeout", seconds),
        ("default_transaction_read_only", "on"),
    ):
        _set(owner, role, setting, value)
    if not _is_superuser(owner):
        # to see and to end its sessions: sql/roles/overtime.sql
        owner.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def _set(owner: psycopg.Connection[Any], role: str, setting: str, value: str) -> None:
    owner.execute(
        sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
            sql.Identifier(role),
            sql.Identifier(owner.info.dbname),
            sql.Identifier(setting),
            sql.Literal(value),
        )
    )


def _set_password(owner: psycopg.Connection[Any], settings: Settings, dsn: str, login: Login) -> None:
    """The settings' password, or the home's where it still opens, or a new one that is kept in the home."""
    password = login.password
    if settings.analysts.password is None:
        full = owner.execute((_SQL / "full.sql").read_bytes(), [login.role]).fetchone()
        if password is not None and (full or _opens(dsn, login)):
            return  # where all sessions are taken, that it does not open proves nothing
        password = secrets.token_urlsafe(24)
    assert password is not None
    # the server gets, and might log, only what proves it
    secret = owner.pgconn.encrypt_password(password.encode(), login.role.encode(), b"scram-sha-256").decode()
    owner.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login.role), sql.Literal(secret))
    )
    if settings.analysts.password is None:
        _keep(_password_file(settings, dsn, login.role), password)


def _keep(path: Path, password: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    with open(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
        file.write(password + "\n")


def _log_in(dsn: str, login: Login, **parameters: Any) -> psycopg.Connection[Any]:
    given = {"connect_timeout": 10, **parameters, "user": login.role, "password": login.password}
    return psycopg.connect(dsn, **given)


def _opens(dsn: str, login: Login) -> bool:
    try:
        _log_in(dsn, login).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_superuser(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _refusal(login: Login, error: psycopg.Error) -> str:
    return f"the server does not let {login.role} log in ({str(error).strip().splitlines()[-1]})"


def _way_on(settings: Settings) -> str:
    if settings.analysts.password is not None:
        return (
            "ALPHAPULSE_ANALYSTS__PASSWORD is to be the role's: `alphapulse migrate` sets it where it may, "
            f"else let an administrator run ALTER ROLE {ANALYST} LOGIN PASSWORD '...'"
        )
    return (
        "`alphapulse migrate` gives it a new password and says what is in the way; several machines set the "
        "same ALPHAPULSE_ANALYSTS__PASSWORD"
    )


def _target(dsn: str) -> tuple[str, str, str]:
    """Host, port and database of a connection string."""
    given = conninfo_to_dict(dsn)
    user = given.get("user") or ""
    return (
        str(given.get("host") or given.get("hostaddr") or "local"),
        str(given.get("port") or 5432),
        str(given.get("dbname") or user),
    )


def _password_file(settings: Settings, dsn: str, role: str) -> Path:
    host, port, _ = _target(dsn)
    return settings.home / "analyst" / re.sub(r"[^\w.@-]", "_", f"{role}@{host}-{port}")
