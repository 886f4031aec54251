"""Commitments of Traders: what the collector asks each hour, and what a backfill of days does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.datasets.vintage_filling import VintageRules, fill_series
from alphapulse_assets.datasets.vintage_store import last_look, newest_stored
from alphapulse_assets.datasets.vintages import as_vintages
from alphapulse_assets.market_metrics.institutional.model import LOOK_BACK, POSITIONS, RELEASES
from alphapulse_assets.market_metrics.institutional.rules import POSITION_RULES
from alphapulse_resources.providers.cftc import CFTC
from alphapulse_resources.providers.cftc.model import CONTRACTS, REPORTS
from alphapulse_resources.providers.cftc.release import release_of, report_days
from alphapulse_resources.providers.cftc.reports import CotReports
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Page

DATASET: Final = POSITIONS.name
COLLECTOR: Final = f"{DATASET} {CFTC.name}"
DAY: Final = timedelta(days=1)
WAITS_AT_MOST: Final = timedelta(days=60)
"""Longer than a report has ever been waited for."""


def collect(sources: Sources, now: datetime) -> Collected:
    """The reports of the last hundred days that are new or told otherwise, and the calendar of releases."""
    reports, clock = CotReports(sources.provider(CFTC)), RoundClock(now)
    start, end = _midnight((now - LOOK_BACK).date()), now
    frames, rejects, fetches = [], [], []
    for report in REPORTS:
        answer = reports.newest(report, start, end)
        frames.append(with_release(answer.rows, report))
        rejects += answer.rejects
        fetches += answer.fetches
    told = pl.concat(frames)
    stored = newest_stored(sources.database, POSITIONS, start, end)
    rows = as_vintages(told, stored, POSITIONS, clock(), last_look(sources.database, COLLECTOR, LOOK_BACK))
    return Collected(
        rows=(
            Rows(DATASET, POSITIONS, rows, rejects),
            Rows(RELEASES.name, RELEASES, releases(start.date(), now.date(), now)),
        ),
        fetches=fetches,
        missing=missing_weeks(told, start.date(), now),
    )


def with_release(rows: pl.DataFrame, report: str) -> pl.DataFrame:
    """Rows of REPORT_SCHEMA with provider, report, and `due_at` of their release."""
    due = {ts: release_of(ts.date()).due_at for ts in rows["ts"].unique()}
    return rows.with_columns(
        provider=pl.lit(CFTC.name),
        report=pl.lit(report),
        due_at=pl.col("ts").replace_strict(due, return_dtype=pl.Datetime("us", "UTC")),
    )


def releases(first: date, last: date, now: datetime) -> pl.DataFrame:
    """Rows of the calendar: what is to be expected of the days from `first` to `last`, and when."""
    due = map(release_of, report_days(first, last))
    rows = [
        (CFTC.name, _midnight(each.day), each.due_at, each.normal_due_at, each.reason, now) for each in due
    ]
    schema = {name: pl.Datetime("us", "UTC") for name in RELEASES.columns}
    return pl.DataFrame(rows, {**schema, "provider": pl.String, "reason": pl.String}, orient="row")


def missing_weeks(told: pl.DataFrame, first: date, now: datetime) -> dict[str, str]:
    """Weeks whose report is due and was not told of, by contract, with the reason."""
    came = {
        (contract, _week(ts.date())) for contract, ts in told.select("contract", "ts").unique().iter_rows()
    }
    return {
        f"{contract.code} {day:%Y-%m-%d}": why
        for day in report_days(first, now.date())
        if (why := why_missing(day, now)) is not None
        for contract in CONTRACTS
        if contract.since <= day and (contract.code, _week(day)) not in came
    }


def why_missing(day: date, now: datetime) -> str | None:
    """What to say of a report of a day that is not there; None where it is not due yet."""
    release = release_of(day)
    if now < release.normal_due_at:
        return None
    if release.reason is not None:
        return f"{release.reason}: due {release.due_at:%Y-%m-%d %H:%M} UTC"
    due = f"{release.due_at:%Y-%m-%d %H:%M} UTC"
    return f"not there since it was due, {due}: late, or the report leaves this contract out"


def fill(context: FillContext) -> FillResult:
    """Bring the reports of days; `symbols` restricts to some contracts' codes."""
    sources, now = context.sources, datetime.now(UTC)
    asking = CotReports(sources.provider(CFTC))
    wanted = [each for each in CONTRACTS if context.symbols is None or each.code in context.symbols]
    subjects = {
        Series(CFTC.name, f"{contract.code} {report}"): (report, contract.code)
        for contract in wanted
        for report in REPORTS
    }
    rules = VintageRules(
        sources.database, POSITIONS, POSITION_RULES, now, last_look(sources.database, COLLECTOR, LOOK_BACK)
    )

    def ask(series: Series, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        report, contract = subjects[series]
        for page in asking.pages(series, report, contract, start, end):
            yield _with_rows(page, with_release(page.rows, report))

    return fill_series(context, DATASET, list(subjects), rules, ask, until=due_until(now))


def due_until(now: datetime) -> datetime:
    """Up to where reports can be asked for: a day is not over for the books before its report is due."""
    last = now.date()
    waited_for = (day for day in report_days(last - WAITS_AT_MOST, last) if release_of(day).due_at > now)
    return min((_midnight(day) for day in waited_for), default=now)


def fill_releases(context: FillContext) -> FillResult:
    """Put the releases of days on record: which reports are to be expected, and when. Nobody is asked."""
    now, database = datetime.now(UTC), context.sources.database
    due = releases(min(context.days), max(context.days), now)
    due = due.filter(pl.col("ts").dt.date().is_in(list(context.days)), pl.col("ts") <= now)
    with database.transaction() as connection:
        written = database.upsert(connection, RELEASES, due)
    days = frozenset((None, ts.date()) for ts in due["ts"])
    return FillResult(written.inserted, written.changed, written.unchanged, written=days)


def _with_rows(page: Page[pl.DataFrame], rows: pl.DataFrame) -> Page[pl.DataFrame]:
    return Page(page.source, page.start, page.end, rows, page.rejects, page.fetches, page.cursor)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _week(day: date) -> date:
    return day - day.weekday() * DAY
