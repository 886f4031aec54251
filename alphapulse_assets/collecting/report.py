"""What the poller tells Dagster: a materialization of each partition that got rows, once a minute.

`took` is called by the poller; what it told is counted here and told by `tell`. A Dagster storage that is
away holds up no collector: what could not be told is told with the next report.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collector_run import Round
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.partitions import VENUE_NAMES, partition_key

log = logging.getLogger(__name__)

REPORT_SECONDS: Final = 60.0

Key = tuple[str, str | None, date]
"""A partition: data set, venue (None where it has none), day."""


@dataclass(slots=True)
class _Figures:
    """What a partition got since the last report."""

    inserted: int = 0
    changed: int = 0
    rounds: int = 0
    latency_ms: float = 0.0
    sources: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Report:
    """Counts what rounds wrote, and tells it. `event` stores a runless asset event."""

    datasets: Mapping[str, Dataset]
    first_day: date
    run_id: str
    event: Callable[[dg.AssetMaterialization], None]
    log_line: Callable[[str], None]
    failed_reports: int = 0
    _figures: dict[Key, _Figures] = field(default_factory=dict)
    _failing: dict[str, str] = field(default_factory=dict)
    _rounds: int = 0
    _rows: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, done: Round) -> None:
        """A round has ended."""
        with self._lock:
            self._take(done)

    def _take(self, done: Round) -> None:
        self._rounds += 1
        self._rows += done.new
        self._note_failure(done)
        for name, days in done.days.items():
            dataset = self.datasets.get(name)
            if dataset is None:
                continue
            for day in days:
                self._count(done, dataset, day)

    def _note_failure(self, done: Round) -> None:
        name = done.collector.name
        if done.error is not None:
            if self._failing.get(name) != done.error:
                self.log_line(f"{name}: {done.error}")
            self._failing[name] = done.error
        elif self._failing.pop(name, None) is not None:
            self.log_line(f"{name} answers again")

    def _count(self, done: Round, dataset: Dataset, day: date) -> None:
        venue = done.collector.source if dataset.by_venue else None
        if day < self.first_day or not (venue is None or venue in VENUE_NAMES):
            return  # no partition of Dagster's
        figures = self._figures.setdefault((dataset.name, venue, day), _Figures())
        written = done.written[dataset.name]
        figures.inserted += written.inserted
        figures.changed += written.changed
        figures.rounds += 1
        figures.latency_ms = max(figures.latency_ms, done.latency_ms)
        figures.sources.add(done.collector.source)

    def tell(self) -> None:
        """Report all partitions that got rows since the last report; never raises."""
        with self._lock:
            waiting, self._figures = self._figures, {}
            rounds, rows, failing = self._rounds, self._rows, sorted(self._failing)
            self._rounds = self._rows = 0
        try:
            for key in sorted(waiting, key=str):
                self._report(key, waiting[key])
                del waiting[key]
        except Exception:
            self.failed_reports += 1
            log.exception("the poller could not report what it collected")
            with self._lock:
                self._figures = {**waiting, **self._figures}
        words = f"; {len(failing)} failing: {', '.join(failing)}" if failing else ""
        self.log_line(f"{rounds} rounds, {rows} new rows{words}")

    def _report(self, key: Key, figures: _Figures) -> None:
        name, venue, day = key
        metadata = self._metadata(figures)
        self.event(dg.AssetMaterialization(name, partition=partition_key(day, venue), metadata=metadata))

    def _metadata(self, figures: _Figures) -> dict[str, Any]:
        return {
            "rows": figures.inserted + figures.changed,
            "inserted": figures.inserted,
            "changed": figures.changed,
            "rounds": figures.rounds,
            "longest_round_ms": round(figures.latency_ms, 1),
            "sources": ", ".join(sorted(figures.sources)),
            "reported_at": datetime.now(UTC).isoformat(),
            "run_id": self.run_id,
        }
