"""`alphapulse alerts`: what fired, that it was seen, and whether sinks take what they are sent."""

import getpass
import socket
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from alphapulse_assets.alerting.rule_rows import acknowledge, alerts, rule
from alphapulse_assets.alerts.payload import payload
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.output import Format, console, fail, parse_format, print_json, print_records
from alphapulse_resources.alert_places import Place, places, rendered
from alphapulse_resources.platform_alerts import Delivery, deliver_to
from alphapulse_resources.settings import get_settings

KIND: Final = "test"
_SHOWN: Final = ("id", "known_at", "kind", "severity", "what", "told", "seen")


def show_alerts(
    since: str | None, kind: str | None, which: str | None, *, open_only: bool, limit: int, form: str
) -> None:
    """What fired, the newest first."""
    style = parse_format(form)
    found = alerts(
        open_database(),
        since=parse_time(since, "--since"),
        kind=kind,
        which=which,
        unacknowledged=open_only,
        limit=limit,
    )
    if style is not Format.TABLE:
        print_records(found, list(found[0]) if found else ["alert_id"], style)
        return
    if not found:
        text = "nothing has fired" + (" of that kind" if kind or which or open_only or since else " yet")
        console().print(f"{text}: `alphapulse alerts rules list` shows your rules", markup=False)
        return
    print_records([_brief(row) for row in found], _SHOWN, style)


def acknowledge_alerts(numbers: list[int], note: str | None, by: str | None) -> None:
    """Note that somebody has seen alerts."""
    database = open_database()
    who = by or getpass.getuser()
    for number in numbers:
        acknowledge(database, number, by=who, note=note)
    what = f"alert {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} alerts"
    console().print(f"{what} acknowledged by {who}", markup=False)


def send_test(which: str | None = None, *, as_json: bool) -> int:
    """Send one alert to every sink, or to those of a rule; the exit code: 0 if it arrived everywhere."""
    chosen, about = _chosen(which)
    title = f"this is a test, sent by `alphapulse alerts test` on {socket.gethostname()}"
    now = datetime.now(UTC)
    sent = payload(
        kind=KIND, ts=now, known_at=now, severity="info", title=title, detail={}, subject=KIND, rule=about
    )
    delivery = deliver_to(chosen, sent)
    assert delivery is not None  # there is a place
    results = [_result(place, delivery.by_sink[place.name], sent) for place in chosen]
    if as_json:
        only = results[0] if len(results) == 1 else {"delivered": all(each["delivered"] for each in results)}
        print_json({**only, "sinks": results})
    else:
        for each in results:
            _say(each)
    return 0 if all(each["delivered"] for each in results) else 1


def _chosen(which: str | None) -> tuple[list[Place], dict[str, Any] | None]:
    """The places to try and, of a rule, what it is."""
    there = places(get_settings().alerts)
    if not there:
        raise CommandError(
            "no webhook is set: ALPHAPULSE_ALERTS__WEBHOOK_URL names where alerts are sent to; "
            "docs/alerts.md tells of Slack, Discord, Telegram and e-mail"
        )
    if which is None:
        return there, None
    row = rule(open_database(), which)
    chosen = [place for place in there if place.takes(row["sinks"], of_rule=True)]
    if not chosen:
        names = ", ".join(row["sinks"]) or "none at all"
        raise CommandError(f"none of the rule's sinks is set: it names {names}")
    about = {"id": row["rule_id"], **{key: row[key] for key in ("name", "expression", "mode")}}
    return chosen, about


def _result(place: Place, delivery: Delivery, sent: dict[str, Any]) -> dict[str, Any]:
    return {
        "sink": place.name,
        "delivered": delivery.outcome == "delivered",
        "form": "email" if place.mail is not None else place.form.value,
        "host": place.mail.host if place.mail is not None else _host(place.url.get_secret_value()),
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "error": delivery.error,
        "template_error": _template_error(place, sent),
    }


def _template_error(place: Place, sent: dict[str, Any]) -> str | None:
    """What is wrong with a sink's template: the usual text was sent in its place."""
    if place.template is None:
        return None
    try:
        rendered(place.template, sent)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _say(result: dict[str, Any]) -> None:
    to = f"{result['host']} in form {result['form']}"
    to = to if result["sink"] == "webhook" else f"{result['sink']} ({to})"
    if result["delivered"]:
        console().print(f"delivered to {to}; it answered: {result['answer']}", markup=False, soft_wrap=True)
    else:
        fail(f"not delivered to {to}, tried {result['attempts']} times: {result['error']}")
    if result["template_error"]:
        fail(
            f"the template of {result['sink']} is wrong, the usual text was sent: {result['template_error']}"
        )


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["alert_id"],
        "known_at": row["known_at"].replace(microsecond=0),
        "kind": row["kind"],
        "severity": row["severity"],
        "what": row["title"],
        "told": row["delivery"] or "",
        "seen": row["acknowledged_by"] or "",
    }


def _host(url: str) -> str:
    """The host: all of the address that is no secret."""
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address that is no URL"
