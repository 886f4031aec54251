"""Alerts of the platform itself: what an operator wants to know at once, told to all sinks, kept as rows.

`tell` needs no database: what tells that the database is away cannot ask it. It never raises, takes a few
seconds at most, and never shows the address, which may hold a secret.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from typing import Any, Final, Literal

import requests
from psycopg.types.json import Jsonb

from alphapulse_resources import alert_mail
from alphapulse_resources.alert_places import Place, places
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.http import USER_AGENT
from alphapulse_resources.settings import Settings
from alphapulse_resources.settings.sections import WEBHOOK
from alphapulse_resources.webhook import ANSWER_BYTES, Severity, Verdict, body, judge

log = logging.getLogger(__name__)

ATTEMPTS: Final = 3
"""Tries of one delivery (ours)."""
TRY_SECONDS: Final = 3.0
"""Time limit of connecting, and of each wait for an answer (ours)."""
SECONDS: Final = 8.0
"""Time limit of a delivery with all of its tries (ours)."""
PAYLOAD_VERSION: Final = 1
"""Of what a webhook gets: docs/alerts.md describes it. It counts changes that break a reader."""
PAUSE_SECONDS: Final = 0.5
"""Between tries, doubled each time, unless the receiver asks for another pause (ours)."""


@dataclass(frozen=True, slots=True)
class PlatformAlert:
    """Something that is wrong with the platform, or, `resolved`, that it is not any more.

    `kind` and `subject` together say what it is about: one is open at a time.
    """

    kind: str
    subject: str
    severity: Severity
    title: str
    detail: Mapping[str, Any]  # JSON
    at: datetime
    resolved: bool = False

    def payload(self) -> dict[str, Any]:
        """As a webhook gets it."""
        return {
            "version": PAYLOAD_VERSION,
            "source": "platform",
            "subject": self.subject,
            "ts": self.at.astimezone(UTC).isoformat(),
            "kind": self.kind,
            "severity": self.severity,
            "resolved": self.resolved,
            "title": self.title,
            "detail": dict(self.detail),
        }


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of telling an alert, at one place or, as a whole, at all: then `by_sink` tells each.

    As a whole it is delivered where it arrived at one of them at least.
    """

    outcome: Literal["delivered", "failed", "suppressed"]
    attempts: int
    error: str | None
    settled_at: datetime
    answer: str | None = None
    """What the receiver said."""
    by_sink: Mapping[str, "Delivery"] = field(default_factory=dict)


def tell(settings: Settings, alert: PlatformAlert) -> bool:
    """Send an alert to all places that are set; whether it arrived anywhere. Never raises; takes seconds."""
    delivery = deliver(settings, alert)
    if delivery is not None and delivery.error is not None:
        log.warning("platform alert %s %s was not delivered: %s", alert.kind, alert.subject, delivery.error)
    return delivery is not None and delivery.outcome == "delivered"


def deliver(settings: Settings, alert: PlatformAlert) -> Delivery | None:
    """As `tell`, and what became of it; None where no place is set."""
    chosen = [place for place in places(settings.alerts) if place.takes(None, of_rule=False)]
    return deliver_to(chosen, alert.payload())


def deliver_to(chosen: Sequence[Place], payload: Mapping[str, Any]) -> Delivery | None:
    """Send an alert to places, all at the same time, in `SECONDS` at most; None where there are none."""
    if not chosen:
        return None
    posts = [(place, _Post(place, payload)) for place in chosen]
    # threads of their own: neither a name that does not resolve nor an answer that drips holds us up
    threads = [Thread(target=post.run, name=f"alert to {place.name}", daemon=True) for place, post in posts]
    for thread in threads:
        thread.start()
    until = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return whole({place.name: post.delivery() for place, post in posts})


def deliver_one(place: Place, payload: Mapping[str, Any]) -> Delivery:
    """As `deliver_to`, to one place."""
    found = deliver_to([place], payload)
    assert found is not None
    return found


def whole(by_sink: Mapping[str, Delivery]) -> Delivery:
    """Deliveries to several places as one: the first that arrived, else the first that failed."""
    arrived = [each for each in by_sink.values() if each.outcome == "delivered"]
    one = (arrived or list(by_sink.values()))[0]
    return replace(one, attempts=max(each.attempts for each in by_sink.values()), by_sink=by_sink)


class _Post:
    """One delivery to one place. `error` is None once it arrived."""

    def __init__(self, place: Place, payload: Mapping[str, Any]) -> None:
        self._place, self._payload = place, payload
        self._until = time.monotonic() + SECONDS
        self.attempts = 0
        self.answer: str | None = None
        self.error: str | None = f"the {_who(place)} did not answer within {SECONDS:.0f} s"

    def delivery(self) -> Delivery:
        """What became of it so far."""
        error = self.error
        return Delivery(
            "failed" if error else "delivered", self.attempts, error, datetime.now(UTC), self.answer
        )

    def run(self) -> None:
        """Try until it arrived, or another try makes no sense or would take too long."""
        if (why := self._place.refusal()) is not None:
            self.error = why
            return
        pause = PAUSE_SECONDS
        while True:
            self.attempts += 1
            verdict = self._try()
            self.error, self.answer = verdict.error, verdict.answer
            wait = pause if verdict.wait is None else verdict.wait
            late = time.monotonic() + wait + 0.5 > self._until
            if verdict.delivered or not verdict.again or self.attempts >= ATTEMPTS or late:
                return
            time.sleep(wait)
            pause *= 2

    def _try(self) -> Verdict:
        place = self._place
        try:
            text = place.text(self._payload)
            if place.mail is not None:
                return alert_mail.send(place.mail, self._payload, text, TRY_SECONDS)
            return self._post(place.url.get_secret_value(), text)
        except requests.Timeout:
            return Verdict(f"the webhook did not answer within {TRY_SECONDS:.0f} s", again=True)
        except requests.ConnectionError as error:
            # not in the error's own words: they tell the address
            why = type(getattr(error.args[0] if error.args else error, "reason", error)).__name__
            return Verdict(f"the webhook could not be reached ({why})", again=True)
        except Exception as error:  # whatever it is, who tells that something is wrong goes on
            return Verdict(f"the {_who(place)} could not be asked ({type(error).__name__})")

    def _post(self, url: str, text: str) -> Verdict:
        place = self._place
        with requests.Session() as session:
            session.trust_env = False  # no proxy and no .netrc, as in the streams' sinks
            with session.post(
                url,
                data=body(place.form, self._payload, text, place.chat),
                headers={"Content-Type": "application/json", "User-Agent": USER_AGENT},
                timeout=TRY_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = response.raw.read(ANSWER_BYTES, decode_content=True) or b""
                said = answer.decode(errors="replace")
                return judge(response.status_code, response.headers, said, url, place.setting)


def _who(place: Place) -> str:
    return "webhook" if place.mail is None else "mail server"


def store(
    database: Database,
    alert: PlatformAlert,
    delivery: Delivery | None = None,
    *,
    what: Literal["raised", "again", "resolved"] | None = None,
    told: Sequence[str] = (),
) -> int:
    """Keep an alert as a row, and what became of telling it; its number.

    One that is open already is brought up to date, a resolved one closes it. What the webhook was told while
    the database was away can be stored later. `told` is what the next telling is compared with: see
    `alphapulse_assets.operations`.
    """
    row = {
        "kind": alert.kind,
        "subject": alert.subject,
        "severity": alert.severity,
        "title": alert.title,
        "detail": Jsonb(dict(alert.detail), dumps=partial(json.dumps, default=str)),
        "at": alert.at,
        "resolved": alert.resolved,
    }
    with database.transaction() as connection:
        found = connection.execute(statement("alerts/store"), row).fetchone()
        assert found is not None
        for sink, each in _by_sink(delivery):
            settled = {
                "alert_id": found[0],
                "sink": sink,
                "what": what or ("resolved" if alert.resolved else "raised"),
                "outcome": each.outcome,
                "attempts": each.attempts,
                "error": each.error,
                "answer": each.answer,
                "settled_at": each.settled_at,
                "told": list(told) or [alert.severity],
            }
            connection.execute(statement("alerts/store_delivery"), settled)
    return int(found[0])


def _by_sink(delivery: Delivery | None) -> list[tuple[str, Delivery]]:
    """What became of it at each place, what arrived last: the alert counts as told then."""
    if delivery is None:
        return []
    by_sink = delivery.by_sink or {WEBHOOK: delivery}
    return sorted(by_sink.items(), key=lambda each: each[1].outcome == "delivered")
