"""Rules of one's own as rows: made, changed, listed, removed; and acknowledgements of alerts.

One way for the command line and the API. Whatever is wrong is a `RefusedError` that names the parameter.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from alphapulse_assets.alerting.known_symbols import known_symbol
from alphapulse_assets.alerting.refusals import RefusedError, reword
from alphapulse_assets.alerts.expressions.tokens import ExpressionError
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.alerts.rules import COOL_DOWN, LEAST_COOL_DOWN, MODES, Checked, check
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import did_you_mean

CHANGEABLE: Final = ("name", "expression", "mode", "cool_down", "severity", "expires_at", "sinks", "enabled")
"""What of a rule `update_rule` changes. Its scope stays: that would be another rule."""
MOST: Final = 10_000
"""Rules at most (ours)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that is to be made: of one symbol, of a watchlist, or, with neither, of all tracked symbols.

    Args:
        name: unique whatever the letters' case.
        expression: the condition; docs/alerts.md tells the language.
        venue: with `symbol`.
        symbol: the unified one.
        watchlist: name of one.
        mode: crossing or level.
        cool_down: None: 0 of a crossing, an hour of a level.
        expires_at: aware; None: never.
        sinks: names; None: all, empty: none.
        severity: info, warning or critical.
        enabled: whether it is evaluated at once.
    """

    name: str
    expression: str
    venue: str | None = None
    symbol: str | None = None
    watchlist: str | None = None
    mode: str = "crossing"
    cool_down: timedelta | None = None
    expires_at: datetime | None = None
    sinks: Collection[str] | None = None
    severity: str = "warning"
    enabled: bool = True


def create_rule(database: Database, draft: Draft, *, by: str, sinks: Collection[str]) -> dict[str, Any]:
    """Make a rule; the row as `rule` gives it. `by` is who makes it, `sinks` the names of all there are.

    Raises:
        RefusedError: something about it is wrong.
    """
    checked = _checked(draft.expression)
    if checked.of_market and draft.symbol is None:
        words = "what it reads is the same for every symbol: give one symbol, so that it is told once"
        raise RefusedError("symbol", words)
    venue, symbol = _instrument(database, draft.venue, draft.symbol)
    given = {
        "name": _name(draft.name), "expression": checked.expression, "venue": venue, "symbol": symbol,
        "watchlist": draft.watchlist, "sinks": _sinks(draft.sinks, sinks), "created_by": by,
        "enabled": draft.enabled, "severity": _one_of("severity", draft.severity, list(Severity)),
        "mode": _one_of("mode", draft.mode, MODES), "cool_down": _cool_down(draft.mode, draft.cool_down),
        "expires_at": _expiry(draft.expires_at),
    }  # fmt: skip
    if database.rows("SELECT count(*) >= %(most)s AS full FROM alert_rules", {"most": MOST})[0]["full"]:
        raise RefusedError("name", f"there are {MOST} rules, more are not evaluated in time: remove some")
    try:
        rule_id = int(database.rows(statement("alerts/rules/create"), given)[0]["rule_id"])
    except psycopg.Error as error:
        raise reword(error, _about_scope(draft)) from None
    _note(database, rule_id, checked)
    return rule(database, rule_id)


def rules(database: Database) -> list[dict[str, Any]]:
    """All rules by name: columns of sql/alerts/rules/list.sql."""
    return database.rows(statement("alerts/rules/list"), {"rule_id": None})


def rule(database: Database, which: int | str) -> dict[str, Any]:
    """One rule, by its number or its name, as `rules` gives them.

    Raises:
        RefusedError: there is none; parameter `rule`.
    """
    rule_id: Any = which
    if isinstance(which, str):
        found = database.rows(statement("alerts/rules/find"), {"name": which.strip()})
        rule_id = (
            found[0]["rule_id"] if found else int(which) if which.isdecimal() and len(which) < 10 else None
        )
    rows = database.rows(statement("alerts/rules/list"), {"rule_id": rule_id}) if rule_id is not None else []
    if not rows:
        known = [row["name"] for row in database.rows(statement("alerts/rules/names"))]
        more = did_you_mean(str(which), known) or (
            "; there are none yet" if not known else "; `alphapulse alerts rules list` shows them"
        )
        raise RefusedError("rule", f"there is no rule {which!r}{more}", missing=True)
    return rows[0]


def update_rule(
    database: Database, which: int | str, changes: Mapping[str, Any], *, sinks: Collection[str]
) -> dict[str, Any]:
    """Change a rule: keys of `changes` are of CHANGEABLE, values as in a `Draft`; the row as it is then.

    A new expression or mode begins anew: what was remembered of the old one is forgotten.

    Raises:
        RefusedError: there is no such rule, or something about the changes is wrong.
    """
    before = rule(database, which)
    if unknown := [name for name in changes if name not in CHANGEABLE]:
        more = did_you_mean(unknown[0], CHANGEABLE)
        raise RefusedError(unknown[0], f"a rule's {unknown[0]} cannot be changed{more}")
    now = {**before, "cool_down": timedelta(seconds=before["cool_down_seconds"]), **changes}
    if "mode" in changes and "cool_down" not in changes and changes["mode"] != before["mode"]:
        now["cool_down"] = max(now["cool_down"], COOL_DOWN.get(changes["mode"], LEAST_COOL_DOWN))
    checked = _checked(now["expression"])
    if checked.of_market and before["scope"] != "symbol":
        raise RefusedError(
            "expression", "what it reads is the same for every symbol, and the rule is of several"
        )
    mode = _one_of("mode", now["mode"], MODES)
    given = {
        "rule_id": before["rule_id"], "name": _name(now["name"]), "expression": checked.expression,
        "reads": [each.key for each in checked.reads], "evaluator": checked.evaluator.value, "mode": mode,
        "cool_down_seconds": _cool_down(mode, now["cool_down"]).total_seconds(),
        "severity": _one_of("severity", now["severity"], list(Severity)), "enabled": bool(now["enabled"]),
        "expires_at": _expiry(now["expires_at"]) if "expires_at" in changes else now["expires_at"],
        "sinks": _sinks(now["sinks"], sinks) if "sinks" in changes else now["sinks"],
    }  # fmt: skip
    try:
        database.execute(statement("alerts/rules/update"), given)
    except psycopg.Error as error:
        raise reword(error, "name") from None
    return rule(database, before["rule_id"])


def delete_rule(database: Database, which: int | str) -> dict[str, Any]:
    """Remove a rule; the row as it was. Its alerts stay.

    Raises:
        RefusedError: there is none.
    """
    found = rule(database, which)
    database.execute(statement("alerts/rules/remove"), {"rule_id": found["rule_id"]})
    return found


def acknowledge(database: Database, alert_id: int, *, by: str, note: str | None = None) -> dict[str, Any]:
    """Note that somebody has seen an alert; saying it again changes nothing but the note.

    Raises:
        RefusedError: there is no such alert; parameter `alert`.
    """
    given = {"alert_id": alert_id, "by": by, "note": note}
    rows = database.rows(statement("alerts/acknowledge"), given) if 0 < alert_id < 2**63 else []
    if not rows:
        words = f"there is no alert {alert_id}: `alphapulse alerts list` shows their numbers"
        raise RefusedError("alert", words, missing=True)
    return rows[0]


def alerts(
    database: Database,
    *,
    since: datetime | None = None,
    kind: str | None = None,
    which: int | str | None = None,
    unacknowledged: bool = False,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """What fired, the newest first: since a time, of one kind or one rule, or only what nobody has seen."""
    given = {
        "since": since or datetime.min.replace(tzinfo=UTC),
        "kind": kind,
        "rule_id": None if which is None else rule(database, which)["rule_id"],
        "open": unacknowledged,
        "limit": limit,
    }
    return database.rows(statement("alerts/list"), given)


def _note(database: Database, rule_id: int, checked: Checked) -> None:
    given = {
        "rule_id": rule_id, "expression": checked.expression, "problem": None,
        "reads": [each.key for each in checked.reads], "evaluator": checked.evaluator.value,
    }  # fmt: skip
    database.execute(statement("alerts/rules/checked"), given)


def _checked(expression: str) -> Checked:
    try:
        return check(expression)
    except ExpressionError as error:
        raise RefusedError("expression", str(error)) from None


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise RefusedError("name", "a name has 1 to 64 characters, all of which can be seen")
    if name.isdecimal():
        raise RefusedError("name", f"a name is no number: {name} could be mistaken for that of a rule")
    return name


def _instrument(database: Database, venue: str | None, symbol: str | None) -> tuple[str | None, str | None]:
    """Venue and symbol as they are known; both None where neither is given."""
    if symbol is None:
        if venue is not None:
            raise RefusedError("symbol", "a venue needs a symbol beside it")
        return None, None
    return known_symbol(database, venue, symbol)


def _sinks(chosen: Collection[str] | None, known: Collection[str]) -> list[str] | None:
    if chosen is None:
        return None
    for name in chosen:
        if name not in known:
            there = f"; there are {', '.join(known)}" if known else "; none is set"
            raise RefusedError("sinks", f"there is no sink {name!r}{did_you_mean(name, known) or there}")
    return sorted(set(chosen))


def _one_of(parameter: str, value: str, known: Collection[str]) -> str:
    if value not in known:
        raise RefusedError(parameter, f"{parameter} is {', '.join(known)}, not {value!r}")
    return str(value)


def _cool_down(mode: str, given: timedelta | None) -> timedelta:
    found = COOL_DOWN.get(mode, LEAST_COOL_DOWN) if given is None else given
    least = LEAST_COOL_DOWN if mode == "level" else timedelta(0)
    if not least <= found <= timedelta(days=366):
        why = "1 minute of mode level, which fires as long as the condition holds" if least else "0"
        raise RefusedError("cool_down", f"a cool-down is a year at most, and at least {why}")
    return found


def _expiry(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise RefusedError("expires_at", "when it expires needs a time zone, as in 2026-12-31T00:00:00Z")
    if moment is not None and moment <= datetime.now(UTC):
        raise RefusedError("expires_at", f"it would have expired already, at {moment.isoformat()}")
    return moment


def _about_scope(draft: Draft) -> str:
    return "symbol" if draft.symbol else "watchlist" if draft.watchlist else "name"
