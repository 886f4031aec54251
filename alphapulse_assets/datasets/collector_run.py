"""One round of a collector: asked, judged, stored, noted. It never raises: what failed is a row and a word.

Rows, quarantine, request log and the collector's books are one transaction. A row that breaks a rule goes to
quarantine with every reason and as it came; the others are stored.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from alphapulse_assets.alerts.market import MarketAlert
from alphapulse_assets.alerts.payload import payload
from alphapulse_assets.datasets.collecting import OURS, Collected, Collector, Rows, Sources
from alphapulse_assets.datasets.page_rules import told, with_reasons
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.alert_places import places
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import FetchStore, LedgerKey
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.platform_alerts import Delivery, deliver_to
from alphapulse_resources.providers.model import WHOLE_MARKET, Series
from alphapulse_resources.venues.model import Fetch, VenueError

log = logging.getLogger(__name__)

AHEAD: Final = timedelta(seconds=10)
"""How far in the future a row may be by its own time: clocks differ (ours)."""
WORDS: Final = 500
"""Characters of an error that are kept (ours)."""

Connection = psycopg.Connection[Any]


@dataclass(slots=True)
class Round:
    """What one round did. `days` are the days that got rows, by data set; `error` is why it failed."""

    collector: Collector
    asked_at: datetime
    written: dict[str, Written] = field(default_factory=dict)
    days: dict[str, set[date]] = field(default_factory=dict)
    quarantined: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)
    alerts: int = 0
    latency_ms: float = 0.0
    error: str | None = None
    idle: bool = False
    """Whether there was nothing to ask for, such as no tracked symbol of the venue."""

    @property
    def rows(self) -> int:
        """Valid rows that came, written or known before."""
        return sum(each.inserted + each.changed + each.unchanged for each in self.written.values())

    @property
    def new(self) -> int:
        """Rows that were new or changed."""
        return sum(each.inserted + each.changed for each in self.written.values())


def run_collector(
    collector: Collector,
    sources: Sources,
    rules: Mapping[str, RuleSet | None],
    *,
    run_id: str | None = None,
    now: datetime | None = None,
) -> Round:
    """Ask once, and keep what came of it. `rules` are the hard rules by data set."""
    done = Round(collector, now or datetime.now(UTC))
    began = time.perf_counter()
    try:
        collected = collector.collect(sources, done.asked_at)
        _store(collected, done, sources, rules, run_id, began)
    except VenueError as error:
        _failed(done, sources, run_id, began, error.kind.value, str(error), error.fetches)
    except Exception as error:  # a collector that is broken stops no other, and is told of by its name
        log.exception("collector %s failed", collector.name)
        _failed(done, sources, run_id, began, "broken", f"{type(error).__name__}: {error}", ())
    else:
        _tell(done, sources)
    return done


def judge(rows: Rows, rules: RuleSet | None, now: datetime) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """The rows that may be stored, sorted by key, and those for the quarantine with every reason."""
    key = [name for name in rows.table.key if name in rows.frame.columns]
    frame = rows.frame.unique(maintain_order=True)
    broken = {**_common(frame, key, now), **(rules.guard() if rules else {})}
    verdict = frame.select(rule.fill_null(False).alias(name) for name, rule in broken.items())
    is_broken = verdict.select(pl.any_horizontal(pl.all())).to_series()
    # when we heard of it makes no other row of one that is told again
    bad = with_reasons(frame.filter(is_broken).drop("known_at", strict=False), verdict.filter(is_broken))
    for each, row in zip(bad, frame.filter(is_broken).iter_rows(named=True), strict=True):
        each["about"] = row
    rejected: list[dict[str, Any]] = [
        {
            "ts": each.ts,
            "reasons": [each.reason],
            "payload": json.dumps({name: told(value) for name, value in each.payload.items()}, default=str),
            "about": {},
        }
        for each in rows.rejects
    ]
    return frame.filter(~is_broken).sort(key), [*bad, *rejected]


def _common(frame: pl.DataFrame, key: Sequence[str], now: datetime) -> dict[str, pl.Expr]:
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    return {
        "missing_key": pl.any_horizontal(pl.col(name).is_null() for name in key),
        "future": pl.col("ts") > now + AHEAD,
        "conflicting_duplicate": pl.struct(key).is_duplicated(),
        **{f"{name}_not_finite": ~pl.col(name).is_finite() for name in floats},
    }


def _store(
    collected: Collected,
    done: Round,
    sources: Sources,
    rules: Mapping[str, RuleSet | None],
    run_id: str | None,
    began: float,
) -> None:
    collector, at = done.collector, datetime.now(UTC)
    judged = [(rows, *judge(rows, rules.get(rows.dataset), at)) for rows in collected.rows]
    with sources.database.transaction() as connection:
        lock_writers(connection, f"collector {collector.name}", [0])
        for rows, good, bad in judged:
            _write(connection, done, sources, rows, good, at)
            _quarantine(connection, collector, sources, rows.dataset, bad)
            done.quarantined += len(bad)
        _log(connection, collector, sources, collected.fetches, run_id)
        done.missing = collected.missing
        done.idle = collector.source != OURS and _is_empty(collected)
        done.latency_ms = (time.perf_counter() - began) * 1000
        connection.execute(
            statement("collecting/answered"),
            {
                "collector": collector.name,
                "asked_at": done.asked_at,
                "at": datetime.now(UTC),
                "rows": done.rows,
                "changed": done.new,
                "latency_ms": done.latency_ms,
                "missing": Jsonb(dict(collected.missing)),
                "run_id": run_id,
            },
        )


def _is_empty(collected: Collected) -> bool:
    """Whether nobody was asked, and nothing came."""
    came = any(rows.frame.height or rows.rejects for rows in collected.rows)
    return not (came or collected.fetches or collected.missing)


def _write(
    connection: Connection, done: Round, sources: Sources, rows: Rows, good: pl.DataFrame, at: datetime
) -> None:
    if "received_at" in rows.table.columns:
        good = good.with_columns(received_at=pl.lit(at, pl.Datetime("us", "UTC")))
    written = sources.database.upsert(connection, rows.table, good)
    done.written[rows.dataset] = done.written.get(rows.dataset, Written()) + written
    if written.inserted + written.changed:
        done.days.setdefault(rows.dataset, set()).update(good["ts"].dt.date().unique().to_list())


def _quarantine(
    connection: Connection,
    collector: Collector,
    sources: Sources,
    dataset: str,
    bad: Sequence[Mapping[str, Any]],
) -> None:
    store = FetchStore(sources.database, dataset)
    for row in bad:
        store.quarantine(connection, _about(collector, row["about"]), [row], source="rest")


def _about(collector: Collector, row: Mapping[str, Any]) -> LedgerKey:
    """Whose row it is: an instrument's, or a series of its source."""
    if (instrument := row.get("instrument_id")) is not None:
        return int(instrument)
    return Series(collector.source, str(row.get("series") or row.get("coin") or WHOLE_MARKET))


def _log(
    connection: Connection,
    collector: Collector,
    sources: Sources,
    fetches: Sequence[Fetch],
    run_id: str | None,
) -> None:
    FetchStore(sources.database, collector.datasets[0]).log_fetches(
        connection, fetches, venue=collector.source, instrument_id=None, run_id=run_id
    )


def _failed(
    done: Round,
    sources: Sources,
    run_id: str | None,
    began: float,
    kind: str,
    words: str,
    fetches: Sequence[Fetch],
) -> None:
    done.error = words[:WORDS]
    done.latency_ms = (time.perf_counter() - began) * 1000
    try:
        with sources.database.transaction() as connection:
            _log(connection, done.collector, sources, fetches, run_id)
            connection.execute(
                statement("collecting/failed"),
                {
                    "collector": done.collector.name,
                    "asked_at": done.asked_at,
                    "at": datetime.now(UTC),
                    "error_kind": kind,
                    "error": done.error,
                    "latency_ms": done.latency_ms,
                    "run_id": run_id,
                },
            )
    except psycopg.Error:  # the database is away: its watch tells of that
        log.exception("collector %s failed, and that could not be noted", done.collector.name)


def _tell(done: Round, sources: Sources) -> None:
    """Keep the alerts of what was stored, and tell the sinks of those that are new."""
    if done.collector.alerts is None:
        return
    try:
        for alert in done.collector.alerts(sources, done.asked_at):
            done.alerts += _keep(alert, sources)
    except Exception:  # rows are stored; what is wrong with a rule must not look like a dead source
        log.exception("alerts of collector %s failed", done.collector.name)


def _keep(alert: MarketAlert, sources: Sources) -> int:
    key = {"kind": alert.kind.value, "subject": alert.subject, "ts": alert.ts, "reference": alert.reference}
    row = {
        **key,
        "severity": alert.severity.value,
        "title": alert.title,
        "detail": Jsonb(dict(alert.detail), dumps=partial(json.dumps, default=str)),
        "known_at": alert.known_at,
        "instrument_id": alert.instrument_id,
        "logic_version": alert.logic_version,
        "cool_down": alert.cool_down,
    }
    if not sources.database.rows(statement("collecting/store_alert"), row):
        return 0
    _deliver(alert, key, sources)
    return 1


def _deliver(alert: MarketAlert, key: Mapping[str, Any], sources: Sources) -> None:
    """Send an alert to every sink that takes it and has room; what became of it is kept, by sink."""
    database = sources.database
    chosen = [each for each in places(sources.settings.alerts) if each.takes(None, of_rule=False)]
    if not chosen:
        return
    told = database.rows(statement("collecting/told_lately"))[0]["told"]
    open_to = [place for place in chosen if told < place.per_minute]
    now = datetime.now(UTC)
    by_sink = {place.name: Delivery("suppressed", 0, None, now) for place in chosen}
    delivery = deliver_to(open_to, _payload(alert, database))
    by_sink |= delivery.by_sink if delivery is not None else {}
    settled = {
        **key,
        "outcome": delivery.outcome if delivery is not None else "suppressed",
        "error": delivery.error if delivery is not None else None,
        "settled_at": delivery.settled_at if delivery is not None else now,
        "deliveries": Jsonb({name: _told(each) for name, each in by_sink.items()}),
    }
    database.execute(statement("collecting/alert_settled"), settled)


def _payload(alert: MarketAlert, database: Database) -> dict[str, Any]:
    """The alert as sinks get it, with the names of its instrument."""
    named = database.rows(statement("instruments/names"), {"instrument_id": alert.instrument_id})
    return payload(
        kind=alert.kind.value,
        ts=alert.ts,
        known_at=alert.known_at,
        severity=alert.severity.value,
        title=alert.title,
        detail=alert.detail,
        reference=alert.reference,
        subject=alert.subject,
        **(named[0] if named else {}),
    )


def _told(delivery: Delivery) -> dict[str, Any]:
    return {
        "outcome": delivery.outcome,
        "attempts": delivery.attempts,
        "error": delivery.error,
        "answer": delivery.answer,
        "settled_at": delivery.settled_at.isoformat(),
    }
