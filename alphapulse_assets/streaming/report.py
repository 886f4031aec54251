"""What a stream run tells Dagster of itself while it runs: log lines, materializations, observations.

All of it is said by a thread of its own, so that a slow or absent Dagster storage never holds up the stream:
what cannot be told is counted and logged. Figures of what was written come from `stream_latency`, which the
writer fills.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import dagster as dg

from alphapulse_assets.alerts.model import Alert
from alphapulse_resources.database.client import Database, statement

MATERIALIZE_SECONDS: Final = 30.0
"""Freshness counts materializations; half of the shortest warning window (ours)."""
SUMMARY_SECONDS: Final = 60.0
ALERT_SECONDS: Final = 1.0
"""At most one alert in this time becomes an observation; the others are in the table and counted (ours)."""
MOST_ALERTS: Final = 100
"""Alerts that may wait for their observation (ours)."""
TICK_SECONDS: Final = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamReport:
    """How a worker stands. Counts run from its start; `alerts` are those since its last report."""

    symbols: frozenset[str] = frozenset()
    """All that are followed now, as `venue:symbol`."""
    books: int = 0
    synced: int = 0
    messages: int = 0
    gaps: int = 0
    resyncs: int = 0
    dropped: int = 0
    alerts: Sequence[Alert] = ()


@dataclass(slots=True)
class _Since:
    """Where the last summary stood."""

    report: StreamReport = field(default_factory=StreamReport)
    at: float = field(default_factory=time.monotonic)


class Reporter:
    """Takes reports from the stream's loop and passes them on from its own thread.

    `log_line` writes a line into the run's log, `event` stores a runless asset event; only `datasets` are
    materialized.
    """

    def __init__(
        self,
        database: Database,
        *,
        run_id: str,
        shard: str,
        datasets: Collection[str],
        log_line: Callable[[str], None],
        event: Callable[[dg.AssetMaterialization | dg.AssetObservation], None],
        materialize_seconds: float = MATERIALIZE_SECONDS,
        summary_seconds: float = SUMMARY_SECONDS,
    ) -> None:
        self.failed_reports = 0
        self._database = database
        self._run_id = run_id
        self._shard = shard
        self._datasets = frozenset(datasets)
        self._log_line = log_line
        self._event = event
        self._every = (materialize_seconds, summary_seconds)
        self._latest = StreamReport()
        self._alerts: deque[Alert] = deque()
        self._unseen_alerts = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._reported = StreamReport()
        self._summary = _Since()
        self._covered = datetime.now(UTC)
        self._thread = threading.Thread(target=self._run, name="stream-report", daemon=True)

    @property
    def symbols(self) -> int:
        """How many symbols the worker follows now."""
        return len(self._latest.symbols)

    def __call__(self, report: StreamReport) -> None:
        """Take a report; never blocks, never raises."""
        with self._lock:
            self._latest = report
            self._alerts.extend(report.alerts)
            while len(self._alerts) > MOST_ALERTS:
                self._alerts.popleft()
                self._unseen_alerts += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        materialize, summary = self._every
        due = {self._materialize: time.monotonic() + materialize, self._summarize: time.monotonic() + summary}
        lengths = {self._materialize: materialize, self._summarize: summary}
        next_alert = 0.0
        while not self._stopping.wait(TICK_SECONDS):
            self._safely(self._name_changes)
            now = time.monotonic()
            if self._alerts and now >= next_alert:
                next_alert = now + ALERT_SECONDS
                self._safely(self._observe)
            for action, at in due.items():
                if now >= at:
                    due[action] = now + lengths[action]
                    self._safely(action)
        for action in (self._name_changes, self._materialize, self._summarize):
            self._safely(action)

    def _safely(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            self.failed_reports += 1
            log.exception(
                "stream %s could not tell how it stands (%d times)", self._shard, self.failed_reports
            )

    def _name_changes(self) -> None:
        before, now = self._reported.symbols, self._latest.symbols
        self._reported = self._latest
        if came := sorted(now - before):
            self._log_line(f"following {len(came)} more: {_names(came)}; {len(now)} in all")
        if went := sorted(before - now):
            self._log_line(f"no longer following {len(went)}: {_names(went)}; {len(now)} in all")

    def _summarize(self) -> None:
        last, now = self._summary, _Since(self._latest)
        self._summary = now
        seconds = max(now.at - last.at, 0.001)
        slowest = self._figures(datetime.now(UTC) - timedelta(seconds=self._every[1]))
        p99 = max((row["queryable_p99_ms"] or 0.0 for row in slowest), default=0.0)
        self._log_line(
            f"{(now.report.messages - last.report.messages) / seconds:.0f} messages/s, "
            f"{now.report.synced}/{now.report.books} books synced, "
            f"{now.report.gaps - last.report.gaps} gaps, {now.report.resyncs - last.report.resyncs} resyncs, "
            f"{now.report.dropped - last.report.dropped} dropped, "
            f"rows queryable after {p99:.0f} ms (p99)"
        )

    def _materialize(self) -> None:
        start, end = self._covered, datetime.now(UTC)
        for row in self._figures(start):
            if row["rows"] and row["dataset"] in self._datasets:
                self._event(dg.AssetMaterialization(row["dataset"], metadata=self._metadata(row, start, end)))
        self._covered = end

    def _metadata(self, row: Mapping[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
        figures = {
            name: round(float(row[name]), 1)
            for name in ("received_p50_ms", "received_p99_ms", "queryable_p50_ms", "queryable_p99_ms")
            if row[name] is not None
        }
        return {
            "rows": int(row["rows"]),
            "dropped": int(row["dropped"]),
            "symbols": self.symbols,
            "window_start": start.isoformat(),
            "window_end": end.isoformat(),
            **figures,
            "shard": self._shard,
            "run_id": self._run_id,
        }

    def _observe(self) -> None:
        with self._lock:
            alert, waiting = self._alerts.popleft(), len(self._alerts)
            unseen, self._unseen_alerts = self._unseen_alerts, 0
        self._event(
            dg.AssetObservation(
                "order_book_alerts",
                description=alert.title,
                metadata={
                    "symbol": alert.symbol,
                    "kind": str(alert.kind),
                    "severity": str(alert.severity),
                    "ts": dg.MetadataValue.timestamp(alert.ts),
                    "known_at": dg.MetadataValue.timestamp(alert.known_at),
                    "detail": dg.MetadataValue.json(dict(alert.detail)),
                    "waiting": waiting,
                    "not_observed": unseen,
                    "shard": self._shard,
                    "run_id": self._run_id,
                },
            )
        )

    def _figures(self, since: datetime) -> list[dict[str, Any]]:
        return self._database.rows(
            statement("streams/written_since"), {"run_id": self._run_id, "since": since}
        )


def _names(symbols: Sequence[str], most: int = 10) -> str:
    more = f" and {len(symbols) - most} others" if len(symbols) > most else ""
    return ", ".join(symbols[:most]) + more
