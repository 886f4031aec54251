"""`alphapulse alerts test NAME`: when a rule would have fired, and how it stands now."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alphapulse_assets.alerting.evaluating import Named, cached_check
from alphapulse_assets.alerting.readings import moment, standing
from alphapulse_assets.alerting.replaying import replay
from alphapulse_assets.alerting.rule_rows import rule
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.alerts.rules import Rule, unknown, words
from alphapulse_assets.alerts.watching import RuleWatch
from alphapulse_cli.alert_rules import of
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.output import Format, console, duration, print_json, print_records
from alphapulse_resources.database.client import Database, statement

BACK: Final = timedelta(days=1)
"""How far back without --from."""
LONGEST: Final = timedelta(days=92)
SHOWN: Final = 40
"""Alerts, and symbols that are not known, that are listed at most."""


def show_replay(which: str, since: str | None, until: str | None, *, as_json: bool) -> None:
    """Replay a rule over stored history, and tell how it stands."""
    database = open_database()
    row = rule(database, which)
    end = parse_time(until, "--to") or datetime.now(UTC)
    begin = parse_time(since, "--from") or end - BACK
    if not begin < end <= begin + LONGEST:
        raise CommandError(f"--from has to be before --to, by {LONGEST.days} days at most")
    asked = _rule(row)
    instruments = _instruments(database, row)
    if not instruments:
        raise CommandError(f"{row['name']} is of no symbol now: {of(row)}")
    found = replay(database, asked, sorted(instruments), begin, end)
    fired = [_fired(each, instruments) for each in found.fired]
    now = _standing(database, asked, instruments)
    if as_json:
        print_json(
            {
                "rule": row["name"], "expression": row["expression"], "from": begin, "to": end,
                "fired": fired,
                "looks": found.looks, "unknown": found.unknown, "held_back": found.held_back, "now": now,
            }
        )  # fmt: skip
        return
    console().print(f"{row['name']}: {row['expression']}, of {of(row)}", markup=False, soft_wrap=True)
    console().print(
        _summary(found.looks, found.unknown, found.held_back, len(fired), end - begin), markup=False
    )
    if fired:
        shown = [{**each, "values": _said(each["values"])} for each in fired[:SHOWN]]
        print_records(shown, ("known_at", "venue", "symbol", "values", "record"), Format.TABLE)
        if len(fired) > SHOWN:
            console().print(f"(+{len(fired) - SHOWN} more: --json)")
    _print_now(now)


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        revision=row["revision"],
        name=row["name"],
        checked=cached_check(row["expression"]),
        mode=row["mode"],
        cool_down=row["cool_down_seconds"],
        severity=Severity(row["severity"]),
    )


def _instruments(database: Database, row: dict[str, Any]) -> dict[int, Named]:
    """Those that it is of: of a watchlist or of all, the tracked ones."""
    loaded = database.rows(statement("alerts/rules/scope"), {"rule_id": row["rule_id"]})
    return {each["instrument_id"]: Named(**each) for each in loaded}


def _fired(move: Any, instruments: dict[int, Named]) -> dict[str, Any]:
    named = instruments[move.news.instrument_id]
    return {
        "known_at": moment(move.news.at),
        "ts": moment(move.news.ts),
        "venue": named.venue,
        "symbol": named.symbol,
        "values": dict(move.values),
        "record": move.news.record or "",
    }


def _standing(database: Database, asked: Rule, instruments: dict[int, Named]) -> list[dict[str, Any]]:
    """How the condition stands for each symbol now."""
    now, watch = datetime.now(UTC), RuleWatch()
    watch.watch([asked])
    for news in standing(database, asked.checked.reads, sorted(instruments), now):
        watch.know(news)
    found = []
    for number, named in sorted(instruments.items()):
        values = watch.values(asked, number, now.timestamp())
        truth, _ = asked.condition(values)
        found.append(
            {
                "venue": named.venue, "symbol": named.symbol, "holds": truth, "values": values,
                "unknown": list(unknown(asked, values)),
            }
        )  # fmt: skip
    return found


def _summary(looks: int, not_known: int, held_back: int, fired: int, length: timedelta) -> str:
    times = "once" if fired == 1 else f"{fired} times" if fired else "not once"
    text = f"in {duration(length.total_seconds())} it would have fired {times}; looked at {looks} times"
    text += f", {not_known} of them unknown" if not_known else ""
    text += f", held back {held_back} times by its cool-down" if held_back else ""
    if not looks:
        text += ": nothing that it reads is stored of that time"
    return text


def _print_now(now: Sequence[dict[str, Any]]) -> None:
    known = [each for each in now if each["holds"] is not None]
    holds = [each for each in known if each["holds"]]
    text = f"now it holds for {len(holds)} of {len(now)} symbols"
    if len(now) == 1 and known:
        text = f"now it {'holds' if holds else 'does not hold'}: {_said(now[0]['values'])}"
    console().print(text, markup=False, soft_wrap=True)
    dark = [each for each in now if each["holds"] is None]
    for each in dark[:SHOWN]:
        what = ", ".join(each["unknown"])
        text = f"unknown for {each['symbol']} on {each['venue']}: {what} is not known, so it does not fire"
        console().print(text, markup=False, soft_wrap=True)
    if len(dark) > SHOWN:
        console().print(f"(+{len(dark) - SHOWN} more: --json)")


def _said(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {words(told)}" for key, told in values.items())
