"""What was told when: revisions, and since when a figure was known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from alphapulse_assets.datasets.vintages import Watch, as_vintages
from alphapulse_assets.market_metrics.institutional.positions import due_until, why_missing
from alphapulse_resources.database.tables import Table

TOLD = Table("told", ("series", "ts", "revision"), ("value", "note"), provenance=("known_at",))
TIME = pl.Datetime("us", "UTC")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def told(*rows: tuple[datetime, float | None, datetime]) -> pl.DataFrame:
    schema = {"series": pl.String(), "ts": TIME, "value": pl.Float64(), "due_at": TIME, "note": pl.String()}
    return pl.DataFrame([("a", ts, value, due, None) for ts, value, due in rows], schema, orient="row")


def stored(*rows: tuple[datetime, int, float | None]) -> pl.DataFrame:
    schema = {
        "series": pl.String(), "ts": TIME, "revision": pl.Int16(), "value": pl.Float64(), "note": pl.String()
    }  # fmt: skip
    return pl.DataFrame([("a", *row, None) for row in rows], schema, orient="row")


def rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.sort("ts").select("ts", "revision", "value", "known_at").rows()


@pytest.mark.parametrize(
    ("due", "watch", "known"),
    [
        (NOON - DAY, None, NOON - DAY),  # nobody watched: the schedule is what is known of it
        (NOON + HOUR, None, NOON),  # it is here before the schedule says
        (NOON - HOUR, Watch(NOON - 2 * HOUR, DAY), NOON - HOUR),  # last looked before it was due
        (NOON - 2 * HOUR, Watch(NOON - HOUR, 3 * DAY), NOON),  # was looked for when it was due, and not there
        (NOON - 2 * HOUR, Watch(NOON - HOUR, 2 * HOUR), NOON - 2 * HOUR),  # was not looked for: too old
        (NOON + HOUR, Watch(NOON - HOUR, 3 * DAY), NOON),
    ],
)
def test_since_when_a_figure_is_known_that_is_told_for_the_first_time(
    due: datetime, watch: Watch | None, known: datetime
) -> None:
    ts = NOON - DAY
    found = as_vintages(told((ts, 1.0, due)), stored(), TOLD, NOON, watch)
    assert rows(found) == [(ts, 0, 1.0, known)]
    assert set(found.columns) == set(TOLD.columns)


def test_the_same_again_is_no_row_and_another_figure_is_the_next_revision() -> None:
    older, newer = NOON - 2 * DAY, NOON - DAY
    due = NOON - HOUR
    given = told((older, 1.0, due), (newer, 3.0, due))
    found = as_vintages(given, stored((older, 0, 1.0), (newer, 4, 2.0)), TOLD, NOON)
    assert rows(found) == [(newer, 5, 3.0, NOON)]
    assert as_vintages(given, stored((older, 0, 1.0), (newer, 4, 3.0)), TOLD, NOON).is_empty()


def test_a_figure_that_is_told_no_more_is_a_revision_too() -> None:
    ts = NOON - DAY
    found = as_vintages(told((ts, None, NOON - HOUR)), stored((ts, 0, 1.0)), TOLD, NOON)
    assert rows(found) == [(ts, 1, None, NOON)]


def test_days_whose_report_is_not_due_are_not_asked_for() -> None:
    tuesday = datetime(2024, 6, 4, tzinfo=UTC)
    assert due_until(datetime(2024, 6, 7, 19, 29, tzinfo=UTC)) == tuesday
    assert due_until(datetime(2024, 6, 7, 19, 30, tzinfo=UTC)) == datetime(2024, 6, 7, 19, 30, tzinfo=UTC)
    assert due_until(datetime(2025, 11, 20, tzinfo=UTC)) == datetime(
        2025, 10, 7, tzinfo=UTC
    )  # in the shutdown


def test_a_missing_week_says_whether_it_is_not_due_late_or_put_off() -> None:
    tuesday = datetime(2024, 6, 4, tzinfo=UTC).date()
    assert why_missing(tuesday, datetime(2024, 6, 7, 19, 29, tzinfo=UTC)) is None
    late = why_missing(tuesday, datetime(2024, 6, 7, 19, 31, tzinfo=UTC))
    assert late is not None
    assert "2024-06-07 19:30 UTC" in late
    in_shutdown = why_missing(datetime(2025, 10, 7).date(), datetime(2025, 10, 20, tzinfo=UTC))
    assert in_shutdown is not None
    assert in_shutdown.startswith("government shutdown of 2025-10-01")
    assert in_shutdown.endswith("due 2025-11-21 20:30 UTC")
