"""Rows that are no candles: the first of a file are kept as they came, the others counted by their reason."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from alphapulse_resources.venues.model import Reject

MOST_REJECTS: Final = 1000
"""So many rejects of one file are kept as they came: what is wrong as a whole is known by then (ours)."""


@dataclass(slots=True)
class Rejects:
    """Rejects, at most MOST_REJECTS of them whole."""

    kept: list[Reject] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)  # reason -> rows beyond those kept

    def add(self, reject: Reject) -> None:
        """One more; counted only when there are enough."""
        if len(self.kept) < MOST_REJECTS:
            self.kept.append(reject)
        else:
            self.more[reject.reason] += 1

    def __add__(self, other: "Rejects") -> "Rejects":
        both = Rejects(list(self.kept), self.more + other.more)
        for reject in other.kept:
            both.add(reject)
        return both

    def __len__(self) -> int:
        return len(self.kept) + self.more.total()


def where(rows: pl.Series, reason: str) -> pl.Series:
    """The reason at the rows given, null at the others."""
    return pl.Series([reason]).new_from_index(0, rows.len()).set(~rows, None)


def reject_rows(frame: pl.DataFrame, lines: pl.Series, ts: pl.Series | None, checks: pl.Series) -> Rejects:
    """The rows of `frame` that have a reason in `checks`."""
    wrong = checks.is_not_null()
    if not wrong.any():
        return Rejects()
    rows = frame.filter(wrong).head(MOST_REJECTS).to_dicts()
    moments: Sequence[datetime | None] = (
        [None] * len(rows) if ts is None else ts.filter(wrong).head(MOST_REJECTS).to_list()
    )
    reasons = checks.filter(wrong)
    kept = [
        Reject(reason, {"line": line, "fields": {name: _plain(value) for name, value in row.items()}}, moment)
        for reason, line, row, moment in zip(
            reasons.head(len(rows)), lines.filter(wrong).head(len(rows)), rows, moments, strict=True
        )
    ]
    return Rejects(kept, Counter(reasons.slice(len(rows)).to_list()))


def _plain(value: Any) -> Any:
    """A cell as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
