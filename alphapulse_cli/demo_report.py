"""What the demo found when it was done: rows, partitions, checks, gaps, seconds, and whether all is well."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from alphapulse_cli.lost_runs import dagster_instance
from alphapulse_cli.stack import Stack
from alphapulse_cli.tables import Grid
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.timeframes import AGGREGATED

if TYPE_CHECKING:
    import dagster as dg

TABLES: Final = (
    "instruments",
    "ohlcv_1m",
    *(f"ohlcv_{timeframe}" for timeframe in AGGREGATED),
    "ingest_ledger",
    "gap_ledger",
    "quality_daily",
    "candle_flags",
    "quarantine",
    "fetch_log",
)
MUST_HAVE_ROWS: Final = ("instruments", "ohlcv_1m", *(f"ohlcv_{tf}" for tf in AGGREGATED), "quality_daily")


def collected_tables() -> list[str]:
    """The tables of what the poller collects, as the registry of data sets has them."""
    from alphapulse_assets.datasets.collected_assets import collected
    from alphapulse_assets.registry import DATASETS

    return list(dict.fromkeys(table.name for each in collected(DATASETS) for table in each.tables))


@dataclass(slots=True)
class Report:
    """The end of a demo. `problems` is empty when all is well."""

    rows: dict[str, int]
    partitions: dict[str, int]
    checks: dict[str, int]
    runs: dict[str, int]
    gaps: dict[str, int]
    sources: list[dict[str, Any]]
    seconds: dict[str, float | None]
    ui: str
    query: str
    answer: list[dict[str, Any]]
    counts: dict[str, int]
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {"ok": self.ok, **asdict(self)}


def make_report(
    database: Database,
    stack: Stack,
    *,
    since: datetime,
    first_data: float | None,
    finished: float,
    query: str,
) -> Report:
    """Count everything and look for what went wrong `since` the demo began."""
    tables = (*TABLES, *collected_tables())
    rows = {name: database.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in tables}
    gaps = dict.fromkeys(("detected", "repaired", "venue_had_none"), 0)
    gaps |= {
        row["state"]: row["n"]
        for row in database.rows("SELECT state, count(*) AS n FROM gap_ledger GROUP BY state")
    }
    dagster = _dagster_counts(stack, since)
    report = Report(
        rows=rows,
        partitions=dagster["partitions"],
        checks=dagster["checks"],
        runs=dagster["runs"],
        gaps=gaps,
        sources=database.rows(statement("status/sources")),
        seconds={
            "first_data": None if first_data is None else round(first_data, 1),
            "total": round(finished, 1),
        },
        ui=stack.url,
        query=query,
        answer=database.rows(query),
        counts=database.rows(statement("status/demo_counts"))[0],
    )
    report.problems = _problems(report, database, dagster["failures"])
    return report


def _problems(report: Report, database: Database, failures: list[str]) -> list[str]:
    problems = [f"{name} is empty" for name in MUST_HAVE_ROWS if not report.rows[name]]
    problems += failures
    problems += [
        f"{row['venue']} {row['symbol']} {row['day']}: {row['error']}"
        for row in database.rows(statement("ledger/failed"))
    ]
    if report.checks["failed"]:
        problems.append(f"{report.checks['failed']} checks failed")
    if not report.answer:
        problems.append("the first query has no answer")
    return problems


def _dagster_counts(stack: Stack, since: datetime) -> dict[str, Any]:
    """Materialized partitions, runs and check results, as Dagster's own storage tells them."""
    import dagster as dg

    with dagster_instance(stack.environment) as instance:
        runs = instance.get_runs(dg.RunsFilter(created_after=since))
        partitions = {
            name: len(instance.get_materialized_partitions(dg.AssetKey(name)))
            for name in ("ohlcv_1m", *(f"ohlcv_{tf}" for tf in AGGREGATED), "candle_gaps", "quality_scores")
        }
        return {
            "partitions": partitions,
            "runs": dict(Counter(run.status.value.lower() for run in runs)),
            "checks": _count_checks(instance, runs),
            "failures": _failures(runs),
        }


def _count_checks(instance: "dg.DagsterInstance", runs: Sequence["dg.DagsterRun"]) -> dict[str, int]:
    import dagster as dg

    checks = {"passed": 0, "failed": 0, "warned": 0}
    for run in runs:
        for record in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
            evaluation: Any = record.dagster_event and record.dagster_event.event_specific_data
            if evaluation:
                warns = evaluation.severity is dg.AssetCheckSeverity.WARN
                checks["passed" if evaluation.passed else "warned" if warns else "failed"] += 1
    return checks


def _failures(runs: Sequence["dg.DagsterRun"]) -> list[str]:
    """Runs that failed and that no retry has made good."""
    import dagster as dg

    good = {run.root_run_id or run.run_id for run in runs if run.status is dg.DagsterRunStatus.SUCCESS}
    return [
        f"run {run.run_id[:8]} of {run.job_name} failed"
        for run in runs
        if run.status is dg.DagsterRunStatus.FAILURE and (run.root_run_id or run.run_id) not in good
    ]


def print_report(report: Report, console: Console) -> None:
    """What was found, for people who want to know it all: rows, partitions, runs, seconds, a first answer."""
    rows = [(name, count) for name, count in report.rows.items() if count]
    console.print(Grid(("table", "rows"), rows, title="What is in the database"))
    console.print(f"\nPartitions: {_pairs(report.partitions)}", highlight=False)
    console.print(f"Runs: {_pairs(report.runs)}   Gaps: {_pairs(report.gaps)}", highlight=False)
    console.print(f"Seconds: {_pairs(report.seconds)}\n", highlight=False)
    names = list(report.answer[0]) if report.answer else []
    console.print(Text(report.query, style="dim"))
    console.print(Grid(names, [list(row.values()) for row in report.answer], more="a wider terminal"))


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
