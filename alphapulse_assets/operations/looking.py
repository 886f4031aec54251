"""Looking at the platform: its state as the rules judge it, by a few statements on one connection."""

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row

from alphapulse_assets.operations import rules
from alphapulse_assets.operations.state import Disk, Row, Shards, State
from alphapulse_assets.operations.telling import OpenAlert
from alphapulse_assets.streaming.lease import holders
from alphapulse_assets.streaming.shards import shard_of
from alphapulse_resources.alert_places import places
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.postgres.cluster import Cluster
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.venues import market_of

CONNECTION: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    # a look must not hang: not on a lock, not on a server that thinks for long
    "options": "-c statement_timeout=10000 -c lock_timeout=5000",
}
REPAIR: Final = timedelta(minutes=30)
"""How long a gap may be open before it counts: it is asked for every five minutes (ours)."""

LOOPBACK: Final = "127.0.0.1"

Ask = Callable[..., list[Row]]


def look(database: Database, settings: Settings) -> tuple[State, list[OpenAlert]]:
    """The state now, and the alerts that are open. Raises psycopg.Error without a database."""
    with database.connect(row_factory=dict_row, **CONNECTION) as connection:
        connection.read_only = True

        def ask(name: str, **parameters: Any) -> list[Row]:
            return connection.execute(statement(name), parameters or None).fetchall()

        before = datetime.now(UTC)
        last = ask("alerts/last_look")[0]
        now = datetime.now(UTC)
        sinks = places(settings.alerts)
        failing = [row for row in ask("alerts/deliveries") if row["sink"] in settings.alerts.sink_names]
        growth = ask("alerts/growth")
        state = State(
            at=now,
            candles=ask("alerts/candles", patience=timedelta(seconds=rules.SILENT)),
            gaps=ask("alerts/gaps", patience=REPAIR),
            failed_days=ask("alerts/failed_days", attempts=rules.FAILED_ATTEMPTS),
            quarantine=ask("alerts/quarantine", rows=rules.QUARANTINED),
            unrefreshed=ask("alerts/unrefreshed"),
            background_jobs=ask("alerts/background_jobs"),
            books=ask("alerts/books"),
            refresh_failures=ask("alerts/refresh_failures"),
            venue_clocks=ask("alerts/venue_clocks"),
            silent_sources=ask("alerts/silent_sources"),
            silent_beside_others=ask("alerts/silent_sources_beside_others"),
            shards=_shards(ask, settings.streams.shards, set(holders(database).values())),
            streams_on=last["streams_on"],
            unwatched_seconds=last["unwatched_seconds"],
            clock_offset_seconds=_offset(before, last["server_time"], now),
            disks=disks(settings),
            bytes_per_second=growth[0]["bytes_per_second"] if growth else None,
            failing_sinks=failing,
            refused_sinks={place.name: why for place in sinks if (why := place.refusal()) is not None},
            idle_rules=_idle(ask("alerts/rules/problems"), settings.alerts.sink_names),
        )
        return state, [OpenAlert(**row) for row in ask("alerts/open")]


def _idle(rows: Sequence[Row], sinks: Sequence[str]) -> dict[str, str]:
    """Rules of one's own that do less than they say, by name, with the reason."""
    found = {}
    for row in rows:
        unset = [name for name in row["sinks"] or () if name not in sinks]
        if row["problem"] is not None:
            found[row["name"]] = row["problem"]
        elif unset:
            found[row["name"]] = f"its sink {', '.join(unset)} is not set: its alerts are only stored"
    return found


def _offset(before: datetime, server: datetime, after: datetime) -> float:
    """By how much our clock is ahead of the server's at least, which it read between our two times."""
    if server < before:
        return (before - server).total_seconds()
    return min(0.0, (after - server).total_seconds())


def disks(settings: Settings) -> list[Disk]:
    """The disks of the home and, where there is one, of the embedded server's files; each once."""
    home = settings.home.resolve()
    cluster = Cluster(home)
    places = [(home, False)]
    if os.path.isdir(cluster.data_dir):
        used = settings.dsn is None or LOOPBACK in settings.dsn.get_secret_value()
        places.insert(0, (cluster.base, used))
    found: dict[int, Disk] = {}
    for path, holds_database in places:
        place = next(each for each in (path, *path.parents) if os.path.exists(each))
        usage = shutil.disk_usage(place)
        found.setdefault(place.stat().st_dev, Disk(str(path), usage.free, usage.total, holds_database))
    return list(found.values())


def _shards(ask: Ask, count: int, holding: set[str]) -> Shards:
    """Shards that have symbols, and what is known of their workers; `holding` are runs that hold a lease."""
    wanted = {
        shard_of(f"{row['venue']}:{row['symbol']}", count).name
        for row in ask("streams/tracked")
        if market_of(row["venue"], row["kind"]) is not None
    }
    workers = {row["shard"]: row for row in ask("alerts/workers")}
    held = frozenset(shard for shard, worker in workers.items() if worker["run_id"] in holding)
    return Shards(wanted=frozenset(wanted), held=held, workers=workers)
