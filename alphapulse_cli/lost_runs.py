"""Runs whose worker is gone: Dagster's monitoring cannot tell that a local worker has ended."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from alphapulse_cli.database import find_dsn
from alphapulse_cli.other_daemon import refuse_other_daemon
from alphapulse_cli.private import make_dagster_home
from alphapulse_cli.stack_lock import StackLock
from alphapulse_resources.database.connection import dagster_environment
from alphapulse_resources.settings import Settings, get_settings

if TYPE_CHECKING:
    import dagster as dg

LOCAL: Final = ".dagster/grpc_info"
"""Tag of runs that were launched as a child of a code server (GRPC_INFO_TAG of dagster)."""


@contextmanager
def dagster_instance(environment: Mapping[str, str]) -> "Iterator[dg.DagsterInstance]":
    """Dagster's storage, as the processes with this environment see it."""
    import dagster as dg

    previous = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        for name, value in previous.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def fail_lost_runs(environment: Mapping[str, str]) -> int:
    """Mark runs whose worker died with an earlier owner as failed, so that Dagster retries them.

    A run would stay "started" for ever. Only for who holds the stack's lock: nothing of ours runs then. Runs
    that another launcher has put elsewhere are left alone.
    """
    import dagster as dg

    lost = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    with dagster_instance(environment) as instance:
        runs = [run for run in instance.get_runs(dg.RunsFilter(statuses=lost)) if LOCAL in run.tags]
        for run in runs:
            instance.report_run_failed(run, "The worker ended with the process that had started it.")
        return len(runs)


def run_fail_lost() -> str:
    """`alphapulse runs fail-lost`: fail them without starting anything; a line about it.

    Raises OtherStackError while a stack, or a Dagster daemon, works on the database: its runs may live.
    """
    settings = get_settings()
    dsn, home = find_dsn(settings), settings.home.resolve()
    lock = StackLock(dsn, settings.database.dagster, program="alphapulse runs fail-lost", home=home)
    lock.take()
    try:
        refuse_other_daemon(lock, home, print)
        count = fail_lost_runs(_environment(settings, dsn))
    finally:
        lock.release()
    return f"{count} runs had lost their worker and are marked as failed" if count else "no run was lost"


def _environment(settings: Settings, dsn: str) -> dict[str, str]:
    """What Dagster's storage is read by: as this shell has it, else as `alphapulse up` sets it."""
    home = os.environ.get("DAGSTER_HOME") or str(make_dagster_home(settings.home.resolve()))
    return {"DAGSTER_HOME": home, **dagster_environment(dsn, settings.database.dagster)}
