"""What had to be let go, as stretches of time per table and instrument: the rows of `stream_gaps`. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

import polars as pl

from alphapulse_resources.streams.tables import Conflict, Row, StreamTable

_KNOWN: Final = 10_000  # stretches remembered after they were told, so that a second one adds to the first
_TIMES: Final = ("ts", "updated_at", "settled_at")

STREAM_GAPS: Final = StreamTable(
    "stream_gaps",
    {
        "run_id": pl.String,
        "dataset": pl.String,
        "instrument_id": pl.Int32,
        "gap_start": pl.Datetime("us", "UTC"),
        "gap_end": pl.Datetime("us", "UTC"),
        "rows": pl.Int64,
        "reason": pl.String,
    },
    key=("run_id", "dataset", "instrument_id", "gap_start"),
    conflict=Conflict.REPLACE,
)

_Key: TypeAlias = tuple[str, int, datetime]


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows of a table and an instrument that are lost: time of the first and of the last, and how many."""

    dataset: str
    instrument_id: int  # 0 where the row does not tell
    first: datetime
    last: datetime
    rows: int
    reason: str

    @property
    def key(self) -> _Key:
        return (self.dataset, self.instrument_id, self.first)

    def __add__(self, other: "Loss") -> "Loss":
        return replace(
            self,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            rows=self.rows + other.rows,
        )


class LossLedger:
    """Losses until they are stored. Not safe between threads: its owner has the lock.

    What is due is told in whole figures, not in differences: storing it twice changes nothing.
    """

    def __init__(self) -> None:
        self.totals: dict[tuple[str, int], int] = {}
        self._open: dict[tuple[str, int], Loss] = {}
        self._due: dict[_Key, Loss] = {}
        self._told: dict[_Key, Loss] = {}

    def add(self, table: StreamTable, row: Row, reason: str) -> None:
        """Note that a row, whatever it looks like, is lost."""
        ts = _time_of(table, row)
        loss = Loss(table.name, instrument_of(row), ts, ts, 1, reason)
        place = (loss.dataset, loss.instrument_id)
        self.totals[place] = self.totals.get(place, 0) + 1
        known = self._open.get(place)
        self._open[place] = known + loss if known else loss

    def due(self) -> list[Loss]:
        """What has to be stored now; it stays due until `told`."""
        for loss in self._open.values():
            known = self._due.get(loss.key) or self._told.get(loss.key)
            self._due[loss.key] = known + loss if known else loss
        self._open.clear()
        return list(self._due.values())

    def told(self, losses: list[Loss]) -> None:
        """These are stored."""
        for loss in losses:
            if self._due.get(loss.key) is loss:
                del self._due[loss.key]
            self._told[loss.key] = loss
        while len(self._told) > _KNOWN:
            del self._told[next(iter(self._told))]

    def __bool__(self) -> bool:
        return bool(self._open or self._due)


def instrument_of(row: Row) -> int:
    """The instrument a row is about; 0 if it does not tell."""
    first = row[0] if row else None
    return first if isinstance(first, int) and 0 <= first < 2**31 else 0


def _time_of(table: StreamTable, row: Row) -> datetime:
    """The time a row stands for; now, if it does not tell."""
    for name in _TIMES:
        if name in table.columns and (place := table.column(name)) < len(row):
            value = row[place]
            if isinstance(value, datetime) and value.tzinfo is not None:
                return value
    return datetime.now(UTC)
