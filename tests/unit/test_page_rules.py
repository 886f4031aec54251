"""What TableRules say of a page: each row is stored, in quarantine with every reason, or a counted repeat."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import polars as pl

from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Page

START = datetime(2025, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = START + 20 * HOUR
TABLE = Table("caps", key=("provider", "series", "ts"), values=("cap",))
SCHEMA = pl.Schema({"ts": pl.Datetime("us", "UTC"), "cap": pl.Float64(), "rank": pl.Int64()})
RULES = TableRules(cast(Database, None), TABLE, NOW, {"cap_too_low": pl.col("cap") <= 0})
COIN = Series("toy", "coin")


def page(*rows: tuple[Any, ...]) -> Page[pl.DataFrame]:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Page("rest", START, START + timedelta(days=1), frame)


def test_every_row_is_somewhere_once() -> None:
    verdict = RULES.accept(
        COIN,
        page(
            (START + HOUR, 2.0, 1),
            (START, 1.0, None),
            (START, 1.0, None),  # the same again
            (START + 2 * HOUR, 3.0, 1),
            (START + 2 * HOUR, 4.0, 1),  # which one is true?
            (START + 3 * HOUR, float("nan"), 1),
            (START - HOUR, -1.0, 1),  # two rules at once
            (None, 5.0, 1),
            (NOW + HOUR, 5.0, 1),
            (START + 4 * HOUR, None, 1),  # a null breaks no rule by itself
        ),
    )
    assert verdict.rows["ts"].to_list() == [START, START + HOUR, START + 4 * HOUR]
    assert verdict.duplicates == 1
    assert [(row["ts"], row["reasons"]) for row in verdict.bad] == [
        (START + 2 * HOUR, ["conflicting_duplicate"]),
        (START + 2 * HOUR, ["conflicting_duplicate"]),
        (START + 3 * HOUR, ["cap_not_finite"]),
        (START - HOUR, ["outside_window", "cap_too_low"]),
        (None, ["missing_time"]),
        (NOW + HOUR, ["future"]),
    ]
    payload = json.loads(verdict.bad[2]["payload"])
    assert (payload["cap"], payload["rank"]) == ("nan", 1)
    assert verdict.settled == NOW  # nobody has answered for what is not over


def test_a_page_without_rows_is_an_answer() -> None:
    verdict = RULES.accept(COIN, page())
    assert (verdict.rows.height, list(verdict.bad), verdict.duplicates) == (0, [], 0)
