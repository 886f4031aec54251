"""The database made ready: schema, analyst, Dagster's own database; the embedded server alone."""

from collections.abc import Callable
from typing import Final

import psycopg

from alphapulse_cli.database import CommandError, create_dagster_database, find_dsn
from alphapulse_cli.output import warn
from alphapulse_resources.database.analyst import prepare_analyst
from alphapulse_resources.database.connection import embedded
from alphapulse_resources.database.conversion import check_not_converting, convert
from alphapulse_resources.database.migrations import Migrated, migrate
from alphapulse_resources.database.timescale import Use
from alphapulse_resources.settings import Settings, get_settings

SHOWN: Final = 5
"""Views and functions that are named when they are applied; of more only the number is told (ours)."""


def prepare_database(settings: Settings, dsn: str) -> list[str]:
    """Apply what is missing; returns what was done, in lines. Safe to repeat.

    Also gives the analyst a log-in and its limits, and makes Dagster's own database. What is not as it could
    be is told on standard error. Raises CommandError when the user may not do that last step.
    """
    return _done(_prepare(settings, dsn))


def _prepare(settings: Settings, dsn: str, *, mixed: bool = False) -> Migrated:
    check_not_converting(dsn)
    migrated = migrate(dsn, use=Use(settings.database.timescaledb), mixed=mixed)
    if migrated.schema.note and not mixed:
        warn(migrated.schema.note)
    for line in prepare_analyst(settings, dsn):
        warn(f"analysts: {line}")
    create_dagster_database(dsn, settings.database.dagster)
    return migrated


def _done(migrated: Migrated) -> list[str]:
    lines = [f"applied {name}" for name in migrated.applied]
    names = migrated.objects
    if len(names) > SHOWN:
        lines.append(f"{len(names)} views and functions brought up to date")
    elif names:
        lines.append(f"brought up to date: {', '.join(names)}")
    return lines


def run_migrate(*, to_timescaledb: bool = False, force: bool = False, say: Callable[[str], None]) -> None:
    """`alphapulse migrate`: what was applied, and which kind of schema there is."""
    settings = get_settings()
    dsn = find_dsn(settings)
    if to_timescaledb:
        convert(
            dsn,
            dagster_database=settings.database.dagster,
            prepare=lambda: _prepare(settings, dsn, mixed=True),
            force=force,
            say=say,
        )
    migrated = _prepare(settings, dsn)
    for line in _done(migrated):
        say(line)
    if not migrated.applied and not migrated.objects:
        say("nothing to do: the schema is up to date")
    say(f"schema: {migrated.schema.kind}")


def run_start() -> str:
    """`alphapulse db start`: start the embedded server and make it ready; a line about it."""
    settings = _for_embedded("start")
    server = embedded(settings).ensure()
    done = _prepare(settings, server.dsn)
    state = "runs already" if server.adopted else "started"
    return f"PostgreSQL {state} on {server.host}:{server.port}, {len(done.applied)} migrations applied"


def run_stop(*, force: bool) -> str:
    """`alphapulse db stop`: stop the embedded server unless others use it; a line about it."""
    server = embedded(_for_embedded("stop"))
    running = server.attach()
    if running is None:
        return "PostgreSQL does not run"
    if not force:
        with psycopg.connect(running.dsn, connect_timeout=10) as connection:
            others = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid()"
            ).fetchone()
        if others and others[0]:
            raise CommandError(
                f"{others[0]} connections use the server (does `alphapulse up` run?); --force stops it anyway"
            )
    server.stop()
    return "PostgreSQL stopped"


def _for_embedded(what: str) -> Settings:
    settings = get_settings()
    if settings.dsn is not None:
        raise CommandError(
            f"ALPHAPULSE_DSN names a server that is not ours to {what}; unset it for the embedded one"
        )
    return settings
