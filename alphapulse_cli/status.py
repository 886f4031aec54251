"""`alphapulse status`: how the database and what is in it are, at a glance or as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from alphapulse_cli.database import find_dsn, here
from alphapulse_cli.output import console, duration, print_json, to_text
from alphapulse_cli.tables import Grid
from alphapulse_cli.wrong import find_wrong, line, records
from alphapulse_resources.database.applied import pending_migrations, pending_objects
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings

if TYPE_CHECKING:
    from alphapulse_assets.datasets.dataset import Dataset

SECTIONS: Final = (
    "venues", "freshness", "streams", "sources", "coverage", "gaps", "quarantine", "failures", "requests",
    "dirty", "refreshes", "hurried",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the status: its statement, title, columns, and what it means that it is empty."""

    name: str
    title: str
    columns: tuple[str, ...]
    empty: str


TABLES: Final = (
    Section(
        "venues",
        "Symbols",
        ("venue", "tracked", "known", "not_looked_up", "with_problem"),
        "no symbol is known yet: alphapulse symbols add binance BTC/USDT",
    ),
    Section(
        "freshness",
        "Freshness",
        ("venue", "data set", "symbols", "newest", "age"),
        "there are no candles yet",
    ),
    Section(
        "streams",
        "Streams",
        ("shard", "state", "symbols", "books", "synced", "heartbeat", "stopped_because"),
        "no stream runs: `alphapulse up` starts them, the sensor stream_supervisor keeps them",
    ),
    Section(
        "sources",
        "Sources of what is collected",
        ("data set", "source", "state", "serves", "answered_at", "rows", "why"),
        "nothing is collected yet: the sensor collection_supervisor keeps the poller that does",
    ),
    Section(
        "coverage",
        "Coverage of the last 7 days (tracked symbols)",
        ("venue", "symbols", "expected", "present", "coverage", "explained"),
        "no tracked symbol has candles or a ledger in the last 7 days",
    ),
    Section("gaps", "Gaps", ("venue", "state", "gaps", "minutes", "longest_minutes"), "no gaps are known"),
    Section(
        "quarantine",
        "Quarantine of the last 7 days",
        ("dataset", "venue", "reason", "rows", "last_seen"),
        "no bad row came in the last 7 days",
    ),
    Section(
        "failures",
        "Last failed days",
        ("dataset", "venue", "symbol", "day", "attempts", "error_kind", "error"),
        "no day has failed",
    ),
    Section(
        "requests",
        "Failed requests of the last day",
        ("venue", "source", "error_kind", "failures", "last_at", "error"),
        "no request failed",
    ),
    Section(
        "dirty", "Days waiting for a refresh", ("timeframe", "days", "symbols"), "all timeframes are fresh"
    ),
    Section(
        "refreshes",
        "Days that could not be aggregated",
        ("venue", "symbol", "day", "timeframe", "attempts", "state", "error"),
        "every day could be",
    ),
    Section(
        "hurried",
        "Asked for texts at once (last day)",
        ("venue", "symbol", "noted_at", "moved", "times_as_usual", "asked", "kept_waiting"),
        "no tracked symbol moved much more than usual, or nothing is to be hurried",
    ),
)

DERIVED: Final = Section(
    "datasets",
    "Data sets that follow from candles",
    ("data set", "symbols", "computed until", "age", "days due"),
    "none is declared",
)


def show(*, as_json: bool) -> None:
    """Print the status; raises NoDatabaseError when there is no database."""
    settings = here()
    wrong = find_wrong(settings)
    found = collect(settings)
    if as_json:
        datasets = {"datasets": collect_datasets(settings)} if found["ready"] else {}
        print_json({"wrong": records(wrong), **found, **datasets})
        return
    out = console()
    if wrong:
        out.print(Text(f"{len(wrong)} {'thing is' if len(wrong) == 1 else 'things are'} wrong", style="bold"))
    for trouble in wrong:
        out.print(line(trouble))
    out.print(_server_panel(found))
    if not found["ready"]:
        return
    for section in TABLES:
        _print(out, section, found.get(section.name, []))
    _print(out, DERIVED, derived_datasets(settings))


def _print(out: Console, section: Section, records: Sequence[dict[str, Any]]) -> None:
    rows = [_in_words(section.name, row) for row in records]
    if rows:
        cells = [[row[name] for name in section.columns] for row in rows]
        names = [name.replace("_", " ") for name in section.columns]
        out.print(Grid(names, cells, title=section.title, more="--json"))
        out.print()
    else:
        out.print(Text.assemble(("✓ ", "green"), (section.title, "bold"), f": {section.empty}"))


def collect(settings: Settings) -> dict[str, Any]:
    """Everything the status tells. `ready` is False when the schema is not there yet."""
    dsn = find_dsn(settings)
    database = Database(dsn)
    server = database.rows(statement("status/server"))[0]
    applied, pending = pending_migrations(dsn)
    found = {
        "server": {**server, "embedded": settings.dsn is None, "home": str(settings.home.resolve())},
        "migrations": {
            "applied": len(applied),
            "newest": applied[-1] if applied else None,
            "pending": pending,
        },
        "objects": pending_objects(dsn) if applied and not pending else [],
        "ready": bool(applied),
    }
    if applied:
        # a schema that waits for a migration may not have the tables of streams yet
        later = ("streams", "refreshes", "sources", "hurried")
        sections = [name for name in SECTIONS if not (pending and name in later)]
        found |= {name: database.rows(statement(f"status/{name}")) for name in sections}
        found["failed_days"] = database.rows(statement("status/failed_days"))[0]["failed"]
    return found


def collect_datasets(settings: Settings, datasets: "Sequence[Dataset] | None" = None) -> list[dict[str, Any]]:
    """How far each data set of the registry is computed, and how many days of it are due."""
    from alphapulse_assets.registry import DATASETS, derived

    declared = {each.name: each for each in (DATASETS if datasets is None else datasets)}
    names = {"datasets": list(declared), "derived": [each.name for each in derived(declared.values())]}
    rows = Database(find_dsn(settings)).rows(statement("status/datasets"), names)
    return [
        {**row, "group": declared[row["dataset"]].group, "what": declared[row["dataset"]].sentence}
        for row in rows
    ]


def derived_datasets(settings: Settings) -> list[dict[str, Any]]:
    """The same of those that follow from candles, as the database knows them.

    What rooms declare is not asked: to load it takes seconds.
    """
    database = Database(find_dsn(settings))
    names = [row["dataset"] for row in database.rows("SELECT dataset FROM derived_datasets ORDER BY dataset")]
    return database.rows(statement("status/datasets"), {"datasets": names, "derived": names})


def _server_panel(found: dict[str, Any]) -> Panel:
    server, migrations = found["server"], found["migrations"]
    kind = f"PostgreSQL {server['version'].split()[0]}"
    if server["timescaledb"]:
        kind += f" / TimescaleDB {server['timescaledb']}"
    place = f"embedded, {server['home']}" if server["embedded"] else "external, ALPHAPULSE_DSN"
    lines: list[Text | str] = [
        Text.assemble(
            (kind, "bold"), f"  {server['database']} on {server['host']}:{server['port']} ({place})"
        ),
        f"{_size(server['bytes'])}, {migrations['applied']} migrations applied",
    ]
    if migrations["pending"]:
        names = ", ".join(migrations["pending"])
        lines.append(Text(f"pending: {names} (run `alphapulse migrate`)", style="yellow"))
    if found["objects"]:
        names = ", ".join(found["objects"][:5]) + (", ..." if len(found["objects"]) > 5 else "")
        lines.append(Text(f"not as in this version: {names} (run `alphapulse migrate`)", style="yellow"))
    if found.get("failed_days"):
        lines.append(Text(f"{found['failed_days']} days failed to be fetched", style="red"))
    return Panel(Group(*lines), title="AlphaPulse", title_align="left", expand=False)


def _in_words(section: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as people read it."""
    if section == "freshness":
        name = f"{row['timeframe']} native" if row["native"] else row["timeframe"]
        return {**row, "data set": name, "age": duration(row["age_seconds"]) or "forming"}
    if section == "datasets":
        until = to_text(row["computed_until"]) if row["computed_until"] else "never"
        return {
            **row,
            **{"data set": row["dataset"], "computed until": until, "days due": row["days_due"]},
            "age": duration(row["age_seconds"]) or "",
        }
    if section == "coverage":
        return {**row, **{name: _percent(row[name]) for name in ("coverage", "explained")}}
    if section == "streams":
        return {**row, "heartbeat": f"{duration(row['heartbeat_age_seconds'])} ago"}
    if section == "refreshes":
        waits = f"next try {to_text(row['next_attempt_at'])}"
        return {**row, "state": "resolved" if row["resolved_at"] else waits, "error": _short(row["error"])}
    if section == "sources":
        serves = "yes" if row["serves"] else ""
        return {**row, "data set": row["dataset"], "serves": serves, "why": _short(row["why"])}
    if section == "hurried":
        moved = {"moved": f"{row['volatility']:.2%}", "times_as_usual": f"{row['ratio']:.1f}"}
        names = {"asked": ", ".join(row["collectors"]), "kept_waiting": ", ".join(row["kept_waiting"])}
        return {**row, **moved, **names}
    if section in ("failures", "requests"):
        return {**row, "error": _short(row["error"])}
    return row


def _percent(share: float | None) -> str:
    # floored: 99.99 % must not look like all
    return "" if share is None else f"{int(share * 10_000) / 100:.2f} %"


def _short(text: str | None) -> str:
    first = (text or "").split("\n")[0]
    return first if len(first) <= 100 else first[:99] + "…"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
