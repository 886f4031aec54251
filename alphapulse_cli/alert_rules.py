"""`alphapulse alerts rules` and `alerts fields`: rules of one's own as rows, and what they can read."""

import re
from datetime import timedelta
from typing import Any, Final

from alphapulse_assets.alerting.rule_rows import Draft, create_rule, delete_rule, rule, rules, update_rule
from alphapulse_assets.alerts.expressions.fields import FIELDS, Evaluator
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.output import Format, console, duration, parse_format, print_json, print_records, warn
from alphapulse_resources.settings import get_settings

_LENGTHS: Final = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_SHOWN: Final = ("name", "of", "condition", "mode", "state", "alerts", "last fired")
_WHO: Final = {
    Evaluator.STREAM: "the stream, as soon as what it reads is made",
    Evaluator.POLLER: "the poller, when what it reads was collected",
    Evaluator.WATCH: "the watch, each half minute",
}


def show_rules(form: str) -> None:
    """List all rules."""
    style, found = parse_format(form), rules(open_database())
    if style is not Format.TABLE:
        print_records(found, list(found[0]) if found else ["name"], style)
        return
    if not found:
        text = "there is no rule yet: alphapulse alerts rules add NAME 'price > 70000' --symbol BTC/USDT"
        console().print(text, markup=False)
        return
    print_records([_brief(row) for row in found], _SHOWN, style)
    for row in found:
        if row["problem"]:
            console().print(f"{row['name']} is not evaluated: {row['problem']}", markup=False, soft_wrap=True)


def show_rule(which: str, *, as_json: bool) -> None:
    """Show one rule."""
    found = rule(open_database(), which)
    if as_json:
        print_json(found)
        return
    for name, said in _facts(found).items():
        if said:
            console().print(f"{name:<12} {said}", markup=False, soft_wrap=True)


def add_rule(
    name: str,
    expression: str,
    *,
    symbol: str | None,
    venue: str | None,
    watchlist: str | None,
    everything: bool,
    mode: str | None,
    cool_down: str | None,
    expires: str | None,
    sinks: list[str] | None,
    severity: str | None,
) -> None:
    """Make a rule, and say what it will do."""
    if sum((symbol is not None, watchlist is not None, everything)) != 1:
        raise CommandError("whom is the rule of? give one of --symbol BTC/USDT, --watchlist NAME or --all")
    draft = Draft(
        name=name,
        expression=expression,
        venue=venue,
        symbol=symbol,
        watchlist=watchlist,
        mode=mode or "crossing",
        cool_down=parse_length(cool_down),
        expires_at=parse_time(expires, "--expires"),
        sinks=_chosen(sinks),
        severity=severity or "warning",
    )
    made = create_rule(open_database(), draft, by="cli", sinks=get_settings().alerts.sink_names)
    console().print(f"rule {made['rule_id']} added: {_sentence(made)}", markup=False, soft_wrap=True)
    _say_where(made)


def change_rule(which: str, **given: Any) -> None:
    """Change what is given."""
    changes = {name: given[name] for name in ("expression", "name", "mode", "severity") if given[name]}
    if given["cool_down"]:
        changes["cool_down"] = parse_length(given["cool_down"])
    if given["expires"]:
        never = given["expires"] == "never"
        changes["expires_at"] = None if never else parse_time(given["expires"], "--expires")
    if given["sinks"]:
        changes["sinks"] = _chosen(given["sinks"])
    if not changes:
        raise CommandError("nothing is to be changed: give --expression, --mode, --cool-down, --sink ...")
    made = update_rule(open_database(), which, changes, sinks=get_settings().alerts.sink_names)
    console().print(f"rule {made['rule_id']} changed: {_sentence(made)}", markup=False, soft_wrap=True)


def switch_rule(which: str, *, on: bool) -> None:
    """Switch a rule on or off."""
    made = update_rule(open_database(), which, {"enabled": on}, sinks=())
    console().print(f"rule {made['name']} is {'on' if on else 'off'}", markup=False)


def remove_rule(which: str) -> None:
    """Remove a rule."""
    gone = delete_rule(open_database(), which)
    kept = f"; its {gone['alerts']} alerts stay" if gone["alerts"] else ""
    console().print(f"rule {gone['name']} removed{kept}", markup=False)


def show_fields(form: str) -> None:
    """List what a rule can read."""
    rows = [
        {
            "field": f"{each.name}[1h]" if each.timeframe else each.name,
            "unit": each.unit or "text",
            "changes": each.source.change.value,
            "about": each.about,
            "stored": each.source.stored,
            "values": list(each.values),
        }
        for each in FIELDS.values()
    ]
    style = parse_format(form)
    shown = ("field", "unit", "changes", "about")
    print_records(rows, shown if style is Format.TABLE else (*shown, "stored", "values"), style)


def parse_length(text: str | None) -> timedelta | None:
    """A length of time such as 90s, 15m, 4h or 1d."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", text.strip().lower())
    if found is None:
        raise CommandError(f"{text!r} is no length of time: write 90s, 15m, 4h or 1d")
    return timedelta(seconds=float(found[1]) * _LENGTHS[found[2]])


def of(row: dict[str, Any]) -> str:
    """Whom a rule is of."""
    if row["scope"] == "symbol":
        return f"{row['symbol']} on {row['venue']}"
    return f"watchlist {row['watchlist']}" if row["scope"] == "watchlist" else "all tracked symbols"


def _chosen(sinks: list[str] | None) -> list[str] | None:
    if not sinks or sinks == ["all"]:
        return None
    return [] if sinks == ["none"] else sinks


def _state(row: dict[str, Any]) -> str:
    if row["problem"]:
        return "wrong"
    return "off" if not row["enabled"] else "expired" if row["expired"] else "on"


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    fired = row["fired_at"]
    return {
        "name": row["name"],
        "of": of(row),
        "condition": row["expression"],
        "mode": row["mode"],
        "state": _state(row),
        "alerts": row["alerts"],
        "last fired": fired.replace(microsecond=0) if fired else "",
    }


def _sentence(row: dict[str, Any]) -> str:
    rests = f", then rests for {duration(row['cool_down_seconds'])}" if row["cool_down_seconds"] else ""
    when = "fires when it becomes true" if row["mode"] == "crossing" else "fires as long as it is true"
    who = _WHO.get(row["evaluator"], "nobody")
    return f"{row['name']}: {row['expression']}, of {of(row)}; {when}{rests}; asked by {who}"


def _say_where(row: dict[str, Any]) -> None:
    there = get_settings().alerts.sink_names
    told = list(there) if row["sinks"] is None else row["sinks"]
    if not told:
        why = "no sink is set" if not there else "it names no sink"
        warn(f"its alerts are only stored, as {why}: docs/alerts.md tells how to set one")
        return
    text = f"told to: {', '.join(told)}; try: alphapulse alerts test {row['name']!r} --send"
    console().print(text, markup=False, soft_wrap=True)


def _facts(row: dict[str, Any]) -> dict[str, str]:
    looked = f", last at {row['looked_at']:%Y-%m-%d %H:%M:%SZ}" if row["looked_at"] else ", not yet"
    told = "all sinks" if row["sinks"] is None else ", ".join(row["sinks"]) or "nobody"
    return {
        "rule": f"{row['rule_id']}, {row['name']}, {_state(row)}",
        "of": of(row),
        "condition": row["expression"],
        "mode": row["mode"],
        "cool-down": duration(row["cool_down_seconds"]),
        "severity": row["severity"],
        "expires": str(row["expires_at"] or "never"),
        "told to": told,
        "problem": row["problem"] or "",
        "asked by": "nobody" if row["problem"] else f"{_WHO.get(row['evaluator'], 'nobody yet')}{looked}",
        "holds for": f"{row['holds'] or 0} of {row['symbols'] or 0} symbols that it is known of",
        "alerts": str(row["alerts"]),
        "last fired": str(row["fired_at"] or "never"),
        "made by": f"{row['created_by']}, {row['created_at']:%Y-%m-%d %H:%MZ}",
    }
