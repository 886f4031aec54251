"""How long rows take from the venue to us and from us to where they can be queried: rows of `stream_latency`.

Pure: figures come from the batches that were stored and from the clock of the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from alphapulse_resources.streams.batches import Entry
from alphapulse_resources.streams.tables import CANDLES, TRADES_1S, Row, StreamTable

STREAM_LATENCY: Final = StreamTable(
    "stream_latency",
    {
        "run_id": pl.String,
        "dataset": pl.String,
        "ts": pl.Datetime("us", "UTC"),
        "shard": pl.String,
        "rows": pl.Int64,
        "dropped": pl.Int64,
        **dict.fromkeys(
            (
                "received_p50_ms",
                "received_p99_ms",
                "queryable_p50_ms",
                "queryable_p99_ms",
                "queryable_max_ms",
            ),
            pl.Float64,
        ),
    },
    key=("run_id", "dataset", "ts"),
    priority=0,
)

# the time of such a row is a start: it cannot come before its end
_LENGTHS: Final = {CANDLES.name: timedelta(minutes=1), TRADES_1S.name: timedelta(seconds=1)}


@dataclass(slots=True)
class _Sample:
    """Milliseconds of the rows stored since the last report."""

    rows: int = 0
    received: list[Any] = field(default_factory=list)
    queryable: list[Any] = field(default_factory=list)


class LatencyMeter:
    """Collects latencies by table until they are reported. For one thread."""

    def __init__(self) -> None:
        self._samples: dict[str, _Sample] = {}
        self._dropped: dict[str, int] = {}

    def observe(
        self,
        table: StreamTable,
        batches: Sequence[pa.RecordBatch],
        entries: Sequence[Entry],
        committed_at: float,
    ) -> None:
        """Rows of a table that became queryable at `committed_at` (epoch seconds).

        They count from their `received_at`; where there is none, from when they were put.
        """
        if table is STREAM_LATENCY:
            return
        sample = self._samples.setdefault(table.name, _Sample())
        sample.rows += len(entries)
        if "received_at" not in table.columns:
            put_at = np.fromiter((entry.put_at for entry in entries), float)
            sample.queryable.append((committed_at - put_at) * 1e3)
            return
        stored = pa.Table.from_batches(batches)
        received = _milliseconds(stored, "received_at")
        sample.queryable.append(committed_at * 1e3 - received)
        if "ts" in table.key:
            length = _LENGTHS.get(table.name, timedelta())
            sample.received.append(
                received - _milliseconds(stored, "ts") - length / timedelta(milliseconds=1)
            )

    def report(self, run_id: str, shard: str, at: float, dropped: Mapping[tuple[str, int], int]) -> list[Row]:
        """Rows for what was stored or dropped since the last report; `dropped` are totals."""
        totals: dict[str, int] = {}
        for (dataset, _), rows in dropped.items():
            totals[dataset] = totals.get(dataset, 0) + rows
        ts = datetime.fromtimestamp(at, UTC)
        report: list[Row] = []
        for dataset in sorted(self._samples.keys() | totals.keys()):
            sample = self._samples.get(dataset, _Sample())
            lost = totals.get(dataset, 0) - self._dropped.get(dataset, 0)
            if sample.rows or lost:
                figures = (*_percentiles(sample.received)[:2], *_percentiles(sample.queryable))
                report.append((run_id, dataset, ts, shard, sample.rows, lost, *figures))
        self._samples, self._dropped = {}, totals
        return report


def _milliseconds(table: pa.Table, column: str) -> Any:
    """A column of times as epoch milliseconds."""
    return table.column(column).cast(pa.int64()).to_numpy() / 1e3


def _percentiles(parts: list[Any]) -> tuple[float | None, float | None, float | None]:
    """Median, 99th percentile and maximum."""
    if not parts:
        return None, None, None
    p50, p99, most = np.percentile(np.concatenate(parts), [50, 99, 100])
    return float(p50), float(p99), float(most)
