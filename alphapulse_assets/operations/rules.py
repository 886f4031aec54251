"""What is wrong: rules over the state of the platform, for the sensor and `alphapulse status --check`. Pure.

Each rule gives at most one trouble a subject, in a sentence that says what to look at. Whether and when it is
told to somebody is in `telling`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from alphapulse_assets.operations.state import Disk, Row, Shards, State
from alphapulse_resources.webhook import Severity

SILENT: Final = 300.0
"""Seconds without a closed candle, or an answer that there is none, after which a symbol is silent (ours)."""
BUSY_SILENT: Final = 900.0
"""The same for a symbol that had nearly every minute's candle: an empty answer is no excuse then (ours)."""
SILENT_CRITICAL: Final = 900.0
NEW_SYMBOL: Final = 600.0
"""Seconds a symbol that was just tracked has for its first candles (ours)."""
WORKER_LOST: Final = 60.0
"""Seconds without a worker after which a shard is lost: a successor takes 10 to 30 (ours)."""
STARTING: Final = 240.0
"""Seconds that the platform has for starting: workers, the first candles of each symbol (ours)."""
UNWATCHED: Final = 300.0
"""Seconds without a look of the sensor, which looks twice a minute (ours)."""
GAP_MINUTES: Final = 60
"""Minutes of a venue that opened in a day and stay open (ours)."""
FAILED_ATTEMPTS: Final = 2
QUARANTINED: Final = 10
"""Bad rows of a data set and venue in an hour (ours)."""
UNREFRESHED: Final = 1_800.0
"""Seconds that a change may wait for its timeframes (ours); they are looked after each minute."""
VENUE_CLOCK: Final = 5.0
"""Seconds between our clock and a venue's (ours), as the streams' own alert."""
CLOCK: Final = 2.0
"""Seconds between our clock and the database's (ours): a minute's close is known to the second."""
GIB: Final = 2**30
DISK_FLOORS: Final[Mapping[Severity, tuple[float, int, int]]] = {
    "critical": (0.03, GIB // 5, 2 * GIB),
    "warning": (0.10, GIB, 20 * GIB),
}
"""Share of a disk that should be free, but at least and at most so many bytes (ours)."""
FULL_WITHIN: Final = 3 * 86_400.0
"""Seconds until the disk is full, at the last day's growth, from when on it is told (ours)."""
SHOWN: Final = 3
"""Members that a title names."""
MOST_MEMBERS: Final = 50
"""Members that the detail lists."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now. `kind` and `subject` say what it is about."""

    kind: str
    subject: str
    severity: Severity
    title: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    """Who is concerned, such as symbols: more of them are told again."""
    at_start: float = 0.0
    """Seconds after the start of the platform for which it is not told: until then it may pass by itself."""
    lasting: float = 0.0
    """Seconds it has to be seen to be wrong: one look cannot tell."""
    told_elsewhere: bool = False
    """Whether somebody else tells the webhook of it, or it cannot be told: it is kept only."""
    token: str = ""
    """Tells one such state from the next: a new one has to last anew."""


def troubles(state: State) -> list[Trouble]:
    """All that is wrong, worst first."""
    found = [
        *_schema(state.pending_migrations),
        *_watch(state),
        *_workers(state.shards, state.streams_on),
        *_silence(state.candles),
        *_disks(state.disks, state.bytes_per_second),
        *_background_jobs(state.background_jobs),
        *_unrefreshed(state.unrefreshed),
        *_failed_days(state.failed_days),
        *_gaps(state.gaps),
        *_books(state.books),
        *_refresh_failures(state.refresh_failures),
        *_venue_clocks(state.venue_clocks),
        *_silent_sources(state.silent_sources),
        *_silent_beside_others(state.silent_beside_others),
        *_quarantine(state.quarantine),
        *_clock(state.clock_offset_seconds),
        *_webhook(state),
        *_idle_rules(state),
    ]
    return sorted(found, key=lambda each: each.severity != "critical")


RULE_KINDS: Final = frozenset(
    {
        *("schema", "watch", "stream_worker", "candles_silent", "disk", "background_jobs", "timeframes"),
        *("failed_days", "gaps_open", "quarantine", "clock", "webhook", "alert_rule", "books"),
        *("dataset_silent", "source_silent"),
    }
)
"""Kinds that these rules give: what they do not find any more is over. Others are told by who saw them."""


EVENT_KINDS: Final = frozenset({"database", "run_failed", "process", "stack"})
"""Those others: of the sensors here, and of `alphapulse up`."""


def named(members: Sequence[str]) -> str:
    """The first few by name, the others by number."""
    more = len(members) - SHOWN
    return ", ".join(members[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def lasted(seconds: float) -> str:
    """A length of time in one unit, as a title has it."""
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _schema(pending: Sequence[str]) -> Iterator[Trouble]:
    if pending:
        title = f"migrations are pending: {named(pending)}; run `alphapulse migrate`"
        yield Trouble("schema", "database", "critical", title, {"pending": list(pending)}, tuple(pending))


def _watch(state: State) -> Iterator[Trouble]:
    seconds = state.unwatched_seconds
    if seconds is not None and seconds >= UNWATCHED:
        title = (
            f"nobody watches: the sensor platform_watch last looked {lasted(seconds)} ago; Dagster's daemon "
            f"or code server does not run, or the sensor is switched off"
        )
        yield Trouble("watch", "platform_watch", "critical", title, {"seconds": round(seconds)})


def _workers(shards: Shards, streams_on: bool | None) -> Iterator[Trouble]:
    for shard in sorted(shards.wanted):
        worker = shards.workers.get(shard)
        if streams_on is False or (streams_on is None and (worker is None or worker["stopped_at"])):
            continue  # switched off, or nobody has said that there should be streams
        title = _mute(shard, worker) if shard in shards.held else _gone(shard, worker)
        if title is not None:
            names = ("run_id", "host", "pid", "symbols", "stopped_because")
            detail = {} if worker is None else {name: worker[name] for name in names}
            yield Trouble(
                "stream_worker", shard, "critical", title, detail,
                at_start=STARTING, lasting=STARTING if worker is None else 0.0,
            )  # fmt: skip


def _mute(shard: str, worker: Row | None) -> str | None:
    """What is wrong with a worker that holds its shard."""
    if worker is None or worker["stopped_at"] or worker["silent_seconds"] < WORKER_LOST:
        return None
    seconds = lasted(worker["silent_seconds"])
    return f"the worker of stream shard {shard} is there but has given no sign of life for {seconds}"


def _gone(shard: str, worker: Row | None) -> str | None:
    """What is wrong with a shard that nobody holds."""
    if worker is None:
        return f"stream shard {shard} has symbols and never had a worker; see the sensor stream_supervisor"
    seconds = worker["stopped_seconds"] if worker["stopped_at"] else worker["silent_seconds"]
    if seconds < WORKER_LOST:
        return None
    return (
        f"stream shard {shard} has had no worker for {lasted(seconds)}: its books and candles do not come; "
        f"see the runs of stream_market_data"
    )


def _silence(rows: Iterable[Row]) -> Iterator[Trouble]:
    by_venue: defaultdict[str, list[tuple[str, float | None]]] = defaultdict(list)
    for row in rows:
        age = row["age_seconds"]
        if row["tracked_seconds"] is not None and row["tracked_seconds"] < NEW_SYMBOL:
            continue
        unanswered = row["unanswered_seconds"]
        answered = unanswered is not None and unanswered < SILENT
        if answered and not (row["busy"] and age is not None and age >= BUSY_SILENT):
            continue
        by_venue[row["venue"]].append((row["symbol"], age))
    for venue, silent in sorted(by_venue.items()):
        symbols = tuple(symbol for symbol, _ in silent)
        ages = [age for _, age in silent if age is not None]
        longest = max(ages, default=None)
        since = f"for {lasted(longest)}" if longest is not None else "yet"
        title = f"{venue}: no closed 1m candle {since} of {named(symbols)}"
        critical = longest is None or longest >= SILENT_CRITICAL
        detail = {
            "symbols": len(symbols),
            "newest_age_seconds": {
                symbol: None if age is None else round(age) for symbol, age in silent[:MOST_MEMBERS]
            },
        }
        severity: Severity = "critical" if critical else "warning"
        yield Trouble("candles_silent", venue, severity, title, detail, symbols, at_start=STARTING)


def _gaps(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        if row["minutes"] < GAP_MINUTES:
            continue
        title = (
            f"{row['venue']}: {row['minutes']} minutes went missing within a day and no source has them yet, "
            f"of {named(row['symbols'])}; see candle_gaps"
        )
        detail = {name: row[name] for name in ("gaps", "minutes", "first_gap")}
        detail["symbols"] = list(row["symbols"][:MOST_MEMBERS])
        yield Trouble("gaps_open", row["venue"], "warning", title, detail, tuple(row["symbols"]))


def _failed_days(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        error = (row["error"] or "").split("\n")[0][:200]
        title = (
            f"{row['venue']}: {row['days']} days could not be fetched, up to {row['attempts']} times, of "
            f"{named(row['symbols'])} ({row['error_kind'] or 'unknown'}: {error})"
        )
        detail = {name: row[name] for name in ("days", "attempts", "error_kind")}
        detail |= {"error": error, "symbols": list(row["symbols"][:MOST_MEMBERS])}
        yield Trouble("failed_days", row["venue"], "warning", title, detail, tuple(row["symbols"]))


def _books(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        symbols = tuple(row["symbols"])
        title = (
            f"{row['venue']}: order books have not been proven for up to {lasted(row['seconds'])} "
            f"({', '.join(row['states'])}), of {named(symbols)}; see `alphapulse books`"
        )
        detail = {"symbols": list(symbols[:MOST_MEMBERS]), "states": list(row["states"])}
        # the stream tells of each itself
        yield Trouble(
            "books", row["venue"], "warning", title, detail, symbols, at_start=STARTING, told_elsewhere=True
        )


def _refresh_failures(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        error = (row["error"] or "").split("\n")[0][:200]
        title = (
            f"{row['venue']}: candles of {row['days']} days do not reach their timeframes, of "
            f"{named(row['symbols'])} ({error}); see refresh_failures"
        )
        detail = {"days": row["days"], "first_day": str(row["first_day"]), "error": error}
        detail |= {name: list(row[name][:MOST_MEMBERS]) for name in ("symbols", "timeframes")}
        subject = f"refresh of {row['venue']}"
        yield Trouble("timeframes", subject, "warning", title, detail, tuple(row["symbols"]))


def _venue_clocks(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        offset = row["ahead_seconds"]
        if abs(offset) > VENUE_CLOCK:
            title = (
                f"this machine's clock is {abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} "
                f"{row['venue']}'s: it needs time synchronisation"
            )
            detail = {"offset_seconds": round(offset, 3)}
            yield Trouble("clock", row["venue"], "warning", title, detail, told_elsewhere=True)


def _quarantine(rows: Iterable[Row]) -> Iterator[Trouble]:
    for row in rows:
        of = f" of {named(row['symbols'])}" if row["symbols"] else ""
        title = (
            f"{row['venue']}: {row['rows']} bad rows for {row['dataset']} in an hour{of} "
            f"({named(row['reasons'])}); see the table quarantine"
        )
        detail = {
            "rows": row["rows"],
            "reasons": list(row["reasons"][:MOST_MEMBERS]),
            "symbols": list(row["symbols"][:MOST_MEMBERS]),
        }
        subject = f"{row['dataset']} of {row['venue']}"
        yield Trouble("quarantine", subject, "warning", title, detail, tuple(row["symbols"]))


def _unrefreshed(rows: Sequence[Row]) -> Iterator[Trouble]:
    for row in rows:
        title = (
            f"{row['timeframe']}: {row['days']} days have waited more than {lasted(UNREFRESHED)} for a "
            f"refresh, from {row['first_day']} on; see the runs of refresh_timeframes"
        )
        detail = {"days": row["days"], "first_day": str(row["first_day"]), "venues": list(row["venues"])}
        yield Trouble(
            "timeframes", row["timeframe"], "warning", title, detail,
            lasting=UNREFRESHED, token=str(row["oldest"]),
        )  # fmt: skip


def _silent_sources(rows: Sequence[Row]) -> Iterator[Trouble]:
    for row in rows:
        since = "has never come" if row["seconds"] is None else f"has not come for {lasted(row['seconds'])}"
        title = (
            f"{row['dataset']} {since} (asked of {', '.join(row['sources'])}: {row['why'] or 'no answer'}); "
            f"see the runs of collect_market_data and the view data_sources"
        )
        detail = {"sources": list(row["sources"]), "answered_at": row["answered_at"], "why": row["why"]}
        yield Trouble("dataset_silent", row["dataset"], "warning", title, detail, at_start=STARTING)


def _silent_beside_others(rows: Sequence[Row]) -> Iterator[Trouble]:
    for row in rows:
        title = (
            f"{row['source']} has told nothing of {row['dataset']} for {lasted(row['seconds'])}: "
            f"{row['why'] or 'no answer'}; others do, and what it alone tells is missing (view data_sources)"
        )
        detail = {"source": row["source"], "answered_at": row["answered_at"], "why": row["why"]}
        subject = f"{row['dataset']} of {row['source']}"
        yield Trouble("source_silent", subject, "warning", title, detail, at_start=STARTING)


def _background_jobs(rows: Sequence[Row]) -> Iterator[Trouble]:
    if not rows:
        return
    members = tuple(f"{row['work'].removeprefix('policy_')} of {row['relation']}" for row in rows)
    errors = [row["error"] for row in rows if row["error"]]
    said = f" ({errors[0]})" if errors else ""
    title = (
        f"{len(rows)} background jobs of TimescaleDB do not do their work, such as {members[0]}{said}; "
        f"purge_refreshes does it at night instead"
    )
    detail = {"jobs": list(members[:MOST_MEMBERS]), "errors": sorted(set(errors))[:5]}
    yield Trouble("background_jobs", "timescaledb", "warning", title, detail, members)


def _disks(disks: Iterable[Disk], bytes_per_second: float | None) -> Iterator[Trouble]:
    for disk in disks:
        detail = {"free_bytes": disk.free, "total_bytes": disk.total}
        left = f"{disk.free / GIB:.1f} of {disk.total / GIB:.1f} GiB are free in {disk.path}"
        for severity, (share, least, most) in DISK_FLOORS.items():
            if disk.free < max(least, min(share * disk.total, most)):
                title = f"the disk is nearly full: {left}; see What grows in docs/operations.md"
                yield Trouble("disk", disk.path, severity, title, detail)
                break
        else:
            if disk.holds_database and bytes_per_second and bytes_per_second > 0:
                full_in = disk.free / bytes_per_second
                if full_in < FULL_WITHIN:
                    title = f"the disk will be full in {lasted(full_in)} if the database grows on: {left}"
                    yield Trouble("disk", disk.path, "warning", title, detail)


def _clock(offset: float) -> Iterator[Trouble]:
    if abs(offset) >= CLOCK:
        title = (
            f"this machine's clock is {abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} the "
            f"database's: one of them needs time synchronisation"
        )
        yield Trouble("clock", "database", "warning", title, {"offset_seconds": round(offset, 3)})


def _webhook(state: State) -> Iterator[Trouble]:
    for sink, why in state.refused_sinks.items():
        yield Trouble("webhook", sink, "warning", why, told_elsewhere=True)
    for row in state.failing_sinks:
        if row["sink"] in state.refused_sinks:
            continue
        called = "the webhook" if row["sink"] == "webhook" else f"the sink {row['sink']}"
        title = (
            f"{called} fails: {row['failed']} alerts were not delivered since one last was "
            f"({row['error']}); try `alphapulse alerts test`"
        )
        yield Trouble(
            "webhook", row["sink"], "warning", title, {"failed": row["failed"]}, told_elsewhere=True
        )


def _idle_rules(state: State) -> Iterator[Trouble]:
    for name, why in state.idle_rules.items():
        title = f"the alert rule {name} does less than it says: {why}; see `alphapulse alerts rules show`"
        yield Trouble("alert_rule", name, "warning", title)
