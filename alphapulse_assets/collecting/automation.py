"""What the poller leaves to runs: each night yesterday as a whole, each hour the checks of today.

History corrects what was collected as it came (a label that was missed, a settlement that was corrected), and
what is computed of collected rows is computed once more of all of them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collected_assets import collected
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.partitions import VENUE_NAMES, range_tags, today
from alphapulse_assets.datasets.switchable import Switchable, plain_schedule, schedule, sensor
from alphapulse_assets.datasets.tags import IN_A_HURRY
from alphapulse_assets.streaming.upkeep import LIVE
from alphapulse_resources.database.client import statement
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.venue_queue import VENUE_TAG

BY_DAY: Final = "fill_collected_days"
BY_VENUE: Final = "fill_collected_venue_days"
CHECKS: Final = "check_collected"
LONGEST: Final = timedelta(hours=6)
"""Longest time of such a run (ours); monitoring ends one that takes longer."""
REST: Final = timedelta(minutes=5)
"""Doubled with every failure, it is how long a day that failed rests (ours), as for candles."""
_RUNTIME: Final = {"dagster/max_runtime": str(int(LONGEST.total_seconds()))}

Jobs = list[Any]


def collected_jobs(datasets: Sequence[Dataset]) -> Jobs:
    """The jobs of what is collected; none where nothing is."""
    jobs: Jobs = []
    for name, by_venue in ((BY_DAY, False), (BY_VENUE, True)):
        if names := _filled(datasets, by_venue):
            jobs.append(
                dg.define_asset_job(
                    name,
                    selection=dg.AssetSelection.assets(*names),
                    executor_def=dg.in_process_executor,
                    description="Whole days of what is collected: from history where a source has it, and "
                    "computed again, with all checks.",
                    tags=_RUNTIME,
                )
            )
    if checked := [each.name for each in collected(datasets) if each.checks]:
        jobs.append(
            dg.define_asset_job(
                CHECKS,
                selection=dg.AssetSelection.checks_for_assets(*checked),
                executor_def=dg.in_process_executor,
                description="What was collected today, held against its rules.",
                tags={**_RUNTIME, **IN_A_HURRY},
            )
        )
    return jobs


def collected_schedules(made: Jobs) -> list[Switchable[dg.ScheduleDefinition]]:
    """When these jobs run (UTC): those of venues first, as what has no venue is made of them too."""
    jobs = {job.name: job for job in made}
    found: list[Switchable[dg.ScheduleDefinition]] = []
    if BY_DAY in jobs:
        found.append(_nightly(jobs[BY_DAY], "10 1 * * *", ()))
    if BY_VENUE in jobs:
        found.append(_nightly(jobs[BY_VENUE], "50 0 * * *", (VENUE_NAMES[0], VENUE_NAMES[-1])))
    if CHECKS in jobs:
        found.append(
            plain_schedule(
                "check_collected_hourly",
                job=jobs[CHECKS],
                cron_schedule="35 * * * *",
                description="Each hour: what was collected today, held against its rules.",
            )
        )
    return found


def collected_history(datasets: Sequence[Dataset], made: Jobs) -> list[Switchable[dg.SensorDefinition]]:
    """The sensor that has the past of perpetuals filled; none where no data set of theirs has a past."""
    names = _filled(datasets, by_venue=True)
    pasts = [(each.name, venue) for each in datasets if each.name in names for venue in each.filled_of]
    jobs = [job for job in made if job.name == BY_VENUE]
    if not jobs:
        return []

    def history_of_perpetuals(
        context: dg.SensorEvaluationContext, database: DatabaseResource
    ) -> dg.SensorResult:
        """A perpetual with days missing from its history of funding, open interest and the like gets them."""
        busy = context.instance.get_runs_count(
            dg.RunsFilter(job_name=BY_VENUE, statuses=LIVE, created_after=datetime.now(UTC) - LONGEST)
        )
        if busy:
            return dg.SensorResult(skip_reason="days are being filled")
        due = {
            "datasets": [name for name, _ in pasts],
            "venues": [venue for _, venue in pasts],
            "first_partition": get_settings().history.first_partition,
            "rest": REST,
        }
        rows = database.get().rows(statement("ledger/collected_history_due"), due)
        requests = [_history_run(names, row) for row in rows]
        return dg.SensorResult(requests, skip_reason=None if requests else "every history is complete")

    return [sensor(job=jobs[0], minimum_interval_seconds=60)(history_of_perpetuals)]


def _history_run(names: Sequence[str], row: Mapping[str, Any]) -> dg.RunRequest:
    config = {"config": {"symbols": row["symbols"]}}
    reason = "history" if row["attempts"] == 0 else f"retry {row['attempts']}"
    return dg.RunRequest(
        run_config={"ops": dict.fromkeys(names, config)},
        tags={
            VENUE_TAG: row["venue"],
            "alphapulse/reason": reason,
            **range_tags(row["first_day"], row["last_day"], row["venue"], row["venue"]),
        },
    )


def _nightly(job: Any, cron: str, venues: tuple[str, ...]) -> Switchable[dg.ScheduleDefinition]:
    def yesterday(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """Each night: what was collected yesterday, as a whole day."""
        day = today() - timedelta(days=1)
        return dg.RunRequest(run_key=f"{job.name}:{day}", tags=range_tags(day, day, *venues))

    yesterday.__name__ = f"{job.name}_of_yesterday"
    return schedule(job=job, cron_schedule=cron)(yesterday)


def _filled(datasets: Sequence[Dataset], by_venue: bool) -> list[str]:
    return [each.name for each in datasets if each.fill is not None and each.by_venue == by_venue]
