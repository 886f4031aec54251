"""What a webhook is sent and what its answers mean: one code for alerts of market and platform. Pure.

Slack wants {"text": ...}, Discord {"content": ...} of at most 2,000 characters; everybody else gets the alert
as JSON. The address may hold a secret: nothing here tells more of it than its scheme and host.
"""

import ipaddress
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Severity = Literal["info", "warning", "critical"]
"""How much an alert matters."""

SLACK_CHARACTERS: Final = 3_800
"""Slack advises 4,000 at most; some are left for what it makes of them."""
DISCORD_CHARACTERS: Final = 2_000
"""Discord's limit, counted here in UTF-16 units: never more than it counts."""
TELEGRAM_CHARACTERS: Final = 4_096
"""Telegram's limit (documented: sendMessage)."""
SETTING: Final = "ALPHAPULSE_ALERTS__WEBHOOK_URL"
DETAIL_CHARACTERS: Final = 200
"""Of each value of an alert's detail in a text (ours)."""
ANSWER_CHARACTERS: Final = 200
"""Of what the receiver said (ours)."""
ANSWER_BYTES: Final = 2_000
"""Of an answer that are read (ours)."""
METADATA_NAMES: Final = ("metadata.google.internal", "metadata.goog", "instance-data")
"""Names of clouds' metadata services."""
METADATA_ADDRESSES: Final = tuple(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
"""Metadata services that are not link-local: AWS by IPv6, Alibaba."""
MARKS: Final[Mapping[str, str]] = {"critical": "🔴", "warning": "🟠", "info": "🔵", "resolved": "🟢"}


class Form(StrEnum):
    """How the receiver wants it."""

    AUTO = "auto"
    JSON = "json"
    SLACK = "slack"
    DISCORD = "discord"
    TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means. `error` is None when the alert arrived."""

    error: str | None
    again: bool = False
    """Whether another try may help."""
    wait: float | None = None
    """Seconds that the receiver asks to wait before it."""
    answer: str | None = None
    """What it said when the alert arrived."""

    @property
    def delivered(self) -> bool:
        """Whether the alert arrived."""
        return self.error is None


def form_of(url: str, chosen: str) -> Form:
    """The form that is set, or that of the address's host."""
    form = Form(chosen)
    if form is not Form.AUTO:
        return form
    try:
        parts = urlsplit(url)
    except ValueError:  # `refusal` says so
        return Form.JSON
    host, path = (parts.hostname or "").lower(), parts.path
    if host in ("hooks.slack.com", "hooks.slack-gov.com") or path.rstrip("/").endswith("/slack"):
        return Form.SLACK  # Discord's own addresses take Slack's form at .../slack
    if re.fullmatch(r"(?:[\w-]+\.)*(?:discord|discordapp)\.com", host):
        return Form.DISCORD
    return Form.JSON


def refusal(url: str, setting: str = SETTING) -> str | None:
    """Why nothing may be sent there; None where it may. `setting` is the variable that names the address.

    Only what the address itself says is looked at, not what its name resolves to.
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return f"{setting} is no URL"
    if parts.scheme not in ("http", "https") or not host:
        return f"{setting} is no http or https URL"
    address = _address(host)
    if host in METADATA_NAMES or (address and (address.is_link_local or address in METADATA_ADDRESSES)):
        return f"{setting} names {host}, a link-local or metadata address: nothing is sent"
    return None


def body(form: Form, payload: Mapping[str, Any], text: str | None = None, chat: str | None = None) -> bytes:
    """The request's body, JSON in UTF-8.

    Args:
        form: whose.
        payload: at least title, severity, kind and detail.
        text: what a template made of it; without one it is ours.
        chat: Telegram's chat.
    """
    text = text_of(payload) if text is None else text
    match form:
        case Form.TELEGRAM:
            sent: Any = {
                "chat_id": chat,
                "text": _cut(text, TELEGRAM_CHARACTERS),
                "link_preview_options": {"is_disabled": True},
            }
        case Form.SLACK:
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            sent = {"text": _cut(text, SLACK_CHARACTERS)}
        case Form.DISCORD:
            # whatever a symbol is called, nobody is pinged by it
            sent = {"content": _cut(text, DISCORD_CHARACTERS), "allowed_mentions": {"parse": []}}
        case _:
            sent = {**payload, "text": text}
    return json.dumps(sent, ensure_ascii=False, default=str).encode()


def judge(status: int, headers: Mapping[str, str], answer: str, url: str, setting: str = SETTING) -> Verdict:
    """What an answer means: arrived, to be tried again, or wrong for good."""
    said = _said(answer, url)
    if 200 <= status < 300:
        return Verdict(None, answer=f"{status}{said}")
    if 300 <= status < 400:
        place = _place(headers.get("Location", ""))
        return Verdict(
            f"the webhook answered {status}, a redirect to {place}: redirects are not followed, "
            f"as they lose the alert; set {setting} to the final address"
        )
    if status == 429:
        wait = _retry_after(headers.get("Retry-After"), answer)
        asked = "" if wait is None else f" and asks to wait {wait:.0f} s"
        return Verdict(f"the webhook answered 429, too many{asked}{said}", again=True, wait=wait)
    return Verdict(f"the webhook answered {status}{said}", again=status >= 500 or status == 408)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as, in any way that sockets take; None for a name."""
    try:
        found = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))  # 2852039166, 0xa9.0xfe.0xa9.0xfe
        except OSError:
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def text_of(payload: Mapping[str, Any]) -> str:
    """An alert in some lines: how much it matters, its title, the figures behind it, its kind and time."""
    severity = "resolved" if payload.get("resolved") else str(payload.get("severity", "info"))
    lines = [f"{MARKS.get(severity, '')} AlphaPulse, {severity}: {payload.get('title', '')}".strip()]
    detail = payload.get("detail") or {}
    for name, value in detail.items():
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        lines.append(f"{name}: {_cut(said, DETAIL_CHARACTERS)}")
    lines.append(f"{payload.get('kind', '')}, {payload.get('ts', '')}")
    return "\n".join(lines)


def _cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, and seen to be cut."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def _said(answer: str, url: str) -> str:
    """The receiver's own words, without anything of the address."""
    words = " ".join(answer.split())
    words = "".join(each for each in words if each.isprintable())
    parts = urlsplit(url)
    pieces = [url, parts.path, parts.query, *parts.path.split("/"), *re.split(r"[&=]", parts.query)]
    pieces += [parts.username or "", parts.password or ""]
    pieces += [piece.removeprefix("bot") for piece in pieces]  # Telegram's token stands behind this word
    for secret in sorted((piece for piece in pieces if len(piece) > 3), key=len, reverse=True):
        words = words.replace(secret, "***")
    return f": {_cut(words, ANSWER_CHARACTERS)}" if words else ""


def _place(location: str) -> str:
    try:
        parts = urlsplit(location)
    except ValueError:
        return "an address that is none"
    if not location:
        return "nowhere"
    # the path is most often the address's own, and a secret
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another path of the same host"


def _retry_after(header: str | None, answer: str) -> float | None:
    """Seconds to wait, by the header (seconds or a date) or by Discord's or Telegram's body."""
    said: Any = header
    if said is None:
        try:
            found = json.loads(answer)
            said = found.get("retry_after") if isinstance(found, dict) else None
            if said is None and isinstance(found, dict) and isinstance(found.get("parameters"), dict):
                said = found["parameters"].get(
                    "retry_after"
                )  # Telegram's way (documented: ResponseParameters)
        except ValueError:
            said = None
    if said is None:
        return None
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        try:
            moment = parsedate_to_datetime(str(said))
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None
