"""Analysts' sessions are kept to their limits, also by those who switch the limits off.

A session may set its own `statement_timeout` to 0, and PostgreSQL lets no owner forbid that. So what runs for
longer than is allowed is ended from outside.
"""

from datetime import timedelta
from typing import Final

import dagster as dg
import psycopg

from alphapulse_assets.datasets.switchable import sensor
from alphapulse_resources.database.analyst import ANALYST, own_role
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

GRACE: Final = timedelta(seconds=15)
"""How much longer than its limit something may run (ours): the server's own timeout comes first."""


def end_overtime(database: Database, limit: timedelta) -> list[str]:
    """Cancel analysts' statements and end their open transactions that take longer; a line for each."""
    (here,) = database.rows(
        "SELECT current_database() AS name, to_regclass('timescaledb_information.jobs') AS jobs"
    )
    roles = [ANALYST, own_role(here["name"])]
    ended = [
        f"{row['role']} (process {row['pid']}) after {row['seconds']:.0f} s"
        for row in database.rows(statement("roles/overtime"), {"roles": roles, "most": limit + GRACE})
    ]
    if here["jobs"] is not None:
        for job in database.rows(statement("roles/jobs"), {"roles": roles}):
            database.rows("SELECT delete_job(%(job_id)s)", {"job_id": job["job_id"]})
            ended.append(f"job {job['job_id']} of {job['role']}")
    return ended


@sensor(minimum_interval_seconds=30)
def analyst_limits(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SkipReason:
    """Every half minute: what analysts have running for longer than their limit is ended."""
    limit = timedelta(seconds=get_settings().analysts.timeout_seconds)
    try:
        ended = end_overtime(database.get(), limit)
    except psycopg.errors.InsufficientPrivilege as error:
        return dg.SkipReason(f"analysts' sessions are not ours to end: {error.diag.message_primary}")
    for line in ended:
        context.log.warning(f"ended: {line}")
    return dg.SkipReason(f"ended {'; '.join(ended)}" if ended else "nobody is over time")
