"""Alerts of the platform itself: what an operator wants to know at once, told to the webhook, kept as rows.

`tell` needs no database: what tells that the database is away cannot ask it. It never raises, takes a few
seconds at most, and never shows the address, which may hold a secret.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from typing import Any, Final, Literal

import requests
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.http import USER_AGENT
from alphapulse_resources.settings import Settings
from alphapulse_resources.webhook import ANSWER_BYTES, Severity, Verdict, body, form_of, judge, refusal

log = logging.getLogger(__name__)

ATTEMPTS: Final = 3
"""Tries of one delivery (ours)."""
TRY_SECONDS: Final = 3.0
"""Time limit of connecting, and of each wait for an answer (ours)."""
SECONDS: Final = 8.0
"""Time limit of a delivery with all of its tries (ours)."""
PAUSE_SECONDS: Final = 0.5
"""Between tries, doubled each time, unless the receiver asks for another pause (ours)."""
WEBHOOK: Final = "webhook"


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
    """What became of telling an alert to the webhook."""

    outcome: Literal["delivered", "failed", "suppressed"]
    attempts: int
    error: str | None
    settled_at: datetime
    answer: str | None = None
    """What the receiver said."""


def tell(settings: Settings, alert: PlatformAlert) -> bool:
    """Post an alert to the webhook, where one is set; whether it arrived. Never raises; takes seconds."""
    delivery = deliver(settings, alert)
    if delivery is not None and delivery.error is not None:
        log.warning("platform alert %s %s was not delivered: %s", alert.kind, alert.subject, delivery.error)
    return delivery is not None and delivery.outcome == "delivered"


def deliver(settings: Settings, alert: PlatformAlert) -> Delivery | None:
    """As `tell`, and what became of it; None where no webhook is set."""
    if settings.alerts.webhook_url is None:
        return None
    url = settings.alerts.webhook_url.get_secret_value()
    post = _Post(url, settings.alerts.webhook_form, alert.payload())
    # a thread of its own: neither a name that does not resolve nor an answer that drips holds us up
    thread = Thread(target=post.run, name="platform alert", daemon=True)
    thread.start()
    thread.join(SECONDS)
    error = post.error
    return Delivery("failed" if error else "delivered", post.attempts, error, datetime.now(UTC), post.answer)


class _Post:
    """One delivery. `error` is None once it arrived."""

    def __init__(self, url: str, form: str, payload: Mapping[str, Any]) -> None:
        self._url, self._form, self._payload = url, form, payload
        self._until = time.monotonic() + SECONDS
        self.attempts = 0
        self.answer: str | None = None
        self.error: str | None = f"the webhook did not answer within {SECONDS:.0f} s"

    def run(self) -> None:
        """Try until it arrived, or another try makes no sense or would take too long."""
        if (why := refusal(self._url)) is not None:
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
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy and no .netrc, as in the streams' sink
                with session.post(
                    self._url,
                    data=body(form_of(self._url, self._form), self._payload),
                    headers={"Content-Type": "application/json", "User-Agent": USER_AGENT},
                    timeout=TRY_SECONDS,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    answer = response.raw.read(ANSWER_BYTES, decode_content=True) or b""
                    return judge(
                        response.status_code, response.headers, answer.decode(errors="replace"), self._url
                    )
        except requests.Timeout:
            return Verdict(f"the webhook did not answer within {TRY_SECONDS:.0f} s", again=True)
        except requests.ConnectionError as error:
            # not in the error's own words: they tell the address
            why = type(getattr(error.args[0] if error.args else error, "reason", error)).__name__
            return Verdict(f"the webhook could not be reached ({why})", again=True)
        except Exception as error:  # whatever it is, who tells that something is wrong goes on
            return Verdict(f"the webhook could not be asked ({type(error).__name__})")


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
        if delivery is not None:
            settled = {
                "alert_id": found[0],
                "sink": WEBHOOK,
                "what": what or ("resolved" if alert.resolved else "raised"),
                "outcome": delivery.outcome,
                "attempts": delivery.attempts,
                "error": delivery.error,
                "settled_at": delivery.settled_at,
                "told": list(told) or [alert.severity],
            }
            connection.execute(statement("alerts/store_delivery"), settled)
    return int(found[0])
