"""What most data sets have to say about a page: hard rules, each row once, and one table to write to.

A row that breaks a rule is never mended and never dropped in silence: it goes to quarantine with every reason
and as it came, or is counted as a repeat of another.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.fetching import Accepted
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Connection
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Instrument, Page

COMMON_RULES: Final[Mapping[str, str]] = {
    "missing_time": "the row has no time",
    "outside_window": "its time is outside the window that was asked for",
    "future": "its time is later than now",
    "conflicting_duplicate": "the same key came with different values; which ones are true is unknown",
    "<column>_not_finite": "the number is NaN or infinite",
}
"""Reasons for quarantine that hold for every data set. The names are stable: they are stored."""


@dataclass(frozen=True, slots=True)
class TableRules:
    """The rules of a data set whose pages carry a frame with `ts`, for one table.

    `broken` are its own hard rules in polars, by name, true where broken (`RuleSet.guard()`); a null breaks
    none. The table's key holds `instrument_id`, or `provider` and `series`, which are filled in here, as is
    `received_at` where the table has it. `now` is fixed for the whole of a fetch.
    """

    database: Database
    table: Table
    now: datetime
    broken: Mapping[str, pl.Expr] = field(default_factory=dict)

    def accept(self, _subject: Instrument | Series, page: Page[pl.DataFrame]) -> Accepted:
        """Judge every row of a page."""
        within = [name for name in self.table.key if name in page.rows.columns]
        rows = page.rows.unique(maintain_order=True)
        rules = {**self._common(rows, page, within), **self.broken}
        verdict = rows.select(rule.fill_null(False).alias(name) for name, rule in rules.items())
        is_broken = verdict.select(pl.any_horizontal(pl.all())).to_series()
        bad = with_reasons(rows.filter(is_broken), verdict.filter(is_broken))
        good = rows.filter(~is_broken).sort(within)
        return Accepted(good, bad, min(page.end, self.now), duplicates=page.rows.height - rows.height)

    def write(
        self,
        connection: Connection,
        subject: Instrument | Series,
        _page: Page[pl.DataFrame],
        accepted: Accepted,
        received_at: datetime,
    ) -> Written:
        """Store the accepted rows."""
        if isinstance(subject, Series):
            known = {"provider": pl.lit(subject.provider), "series": pl.lit(subject.name)}
        else:
            known = {"instrument_id": pl.lit(subject.instrument_id, pl.Int32)}
        known["received_at"] = pl.lit(received_at, pl.Datetime("us", "UTC"))
        filled = accepted.rows.with_columns(
            **{name: value for name, value in known.items() if name in self.table.columns}
        )
        return self.database.upsert(connection, self.table, filled.sort(self.table.key))

    def _common(self, rows: pl.DataFrame, page: Page[pl.DataFrame], key: Sequence[str]) -> dict[str, pl.Expr]:
        ts = pl.col("ts")
        floats = [name for name, dtype in rows.schema.items() if dtype.is_float()]
        return {
            "missing_time": ts.is_null(),
            "outside_window": ~ts.is_between(page.start, page.end, closed="left"),
            "future": ts > self.now,
            "conflicting_duplicate": pl.struct(key).is_duplicated() & ts.is_not_null(),
            **{f"{name}_not_finite": ~pl.col(name).is_finite() for name in floats},
        }


def told(value: Any) -> Any:
    """A value as JSON can hold it: NaN and infinity are texts."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def with_reasons(rows: pl.DataFrame, verdict: pl.DataFrame) -> list[dict[str, Any]]:
    """Broken rows as the quarantine takes them."""
    return [
        {
            "ts": row["ts"],
            "reasons": [name for name, is_so in reasons.items() if is_so],
            "payload": json.dumps({name: told(value) for name, value in row.items()}, default=str),
        }
        for row, reasons in zip(rows.iter_rows(named=True), verdict.iter_rows(named=True), strict=True)
    ]
