"""The rows of `alphapulse status` as people read them: alike ones once, what is well only counted. Pure."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from alphapulse_cli.values import duration, to_text


def shown(section: str, title: str, records: Sequence[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The title of a table and its rows in words; of sources that answer, and of bars that form, only one."""
    rows = [in_words(section, row) for row in records]
    if section == "freshness":
        return title, _forming_together(rows)
    if section == "sources":
        silent = [row for row in rows if row["state"] != "answers"]
        return f"{title}: {len(rows) - len(silent)} of {len(rows)} answer", silent
    return title, rows


def _forming_together(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for all bars of a venue that still form: they are as fresh as can be."""
    found: list[dict[str, Any]] = []
    for _, of_venue in groupby(rows, key=lambda row: row["venue"]):
        told = list(of_venue)
        forming = [row for row in told if row["age"] == "forming"]
        found += [row for row in told if row not in forming]
        if len(forming) > 2:
            names = f"{forming[0]['data set']} to {forming[-1]['data set']}"
            found.append({**forming[0], "data set": names, "symbols": min(row["symbols"] for row in forming)})
        else:
            found += forming
    return found


def in_words(section: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as people read it."""
    if section == "freshness":
        name = f"{row['timeframe']} native" if row["native"] else row["timeframe"]
        return {**row, "data set": name, "age": duration(row["age_seconds"]) or "forming"}
    if section == "datasets":
        until = row["computed_until"] or "never"
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
