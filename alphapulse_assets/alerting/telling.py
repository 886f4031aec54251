"""Telling sinks of rules' alerts outside of streams: each in a thread of its own; what came of it is kept."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import Final

import psycopg

from alphapulse_assets.alerting.evaluating import Fired
from alphapulse_resources.alert_places import Place, places
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.platform_alerts import Delivery, deliver_one
from alphapulse_resources.settings import Alerts

log = logging.getLogger(__name__)

LONGEST: Final = 30.0
"""Seconds that telling takes at most (ours): what is left of a sink then has failed."""


@dataclass(slots=True)
class _Errand:
    """The alerts of one sink, one after another."""

    place: Place
    fired: Sequence[Fired]
    room: int
    until: float
    database: Database

    def run(self) -> None:
        for place, each in enumerate(self.fired):
            self._keep(each, self._delivery(each) if place < self.room else _not_sent("suppressed", None))

    def _delivery(self, fired: Fired) -> Delivery:
        if time.monotonic() >= self.until:
            return _not_sent("failed", "there was no time left for it: the sink took too long before")
        return deliver_one(self.place, fired.payload)

    def _keep(self, fired: Fired, delivery: Delivery) -> None:
        if delivery.error is not None:
            log.warning(
                "alert %s: %s by %s: %s", fired.title, delivery.outcome, self.place.name, delivery.error
            )
        given = {
            "alert_id": fired.alert_id, "sink": self.place.name, "outcome": delivery.outcome,
            "attempts": delivery.attempts, "error": delivery.error, "answer": delivery.answer,
            "settled_at": delivery.settled_at,
        }  # fmt: skip
        try:
            self.database.execute(statement("alerts/rules/delivered"), given)
        except psycopg.Error:
            log.exception("alert %s: what became of telling %s is not kept", fired.title, self.place.name)


def tell(database: Database, alerts: Alerts, fired: Sequence[Fired], longest: float = LONGEST) -> None:
    """Tell every sink of its alerts. Blocking, for `longest` seconds and the last delivery at most."""
    if not fired:
        return
    told = {row["sink"]: row["told"] for row in database.rows(statement("alerts/rules/told_lately"))}
    until, threads = time.monotonic() + longest, []
    for place in places(alerts):
        ours = [each for each in fired if place.takes(each.move.rule.sinks, of_rule=True)]
        room = place.per_minute - told.get(place.name, 0)
        errand = _Errand(place, ours, room, until, database)
        threads.append(Thread(target=errand.run, name=f"alerts to {place.name}", daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _not_sent(outcome: str, error: str | None) -> Delivery:
    failed = outcome == "failed"
    return Delivery("failed" if failed else "suppressed", 0, error, datetime.now(UTC))
