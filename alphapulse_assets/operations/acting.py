"""What follows from a look: rows are kept and closed, the sinks are told, what became of that is kept."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from alphapulse_assets.operations.rules import Trouble
from alphapulse_assets.operations.telling import Decision, OpenAlert, Telling, as_trouble, due, told_of
from alphapulse_resources.alert_places import places
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.platform_alerts import Delivery, PlatformAlert, deliver, store
from alphapulse_resources.settings import Settings

LONGEST: Final = 30.0
"""Seconds that one look may tell for (ours): a sensor's evaluation must end within a minute."""


def act(database: Database, settings: Settings, decision: Decision, now: datetime) -> list[str]:
    """Do what was decided; the sentences that were told, or would have been.

    After a delivery that failed nothing more is tried: the others are told at the next look.
    """
    for trouble in decision.keep:
        store(database, as_alert(trouble, now))
    for row in decision.over:
        store(database, as_alert(as_trouble(row), now, resolved=True))
    said = []
    for telling in _affordable(database, settings, decision.tell):
        delivery = tell_and_keep(database, settings, telling, now)
        said.append(f"{telling.what}: {telling.trouble.title}")
        if delivery is not None and delivery.outcome != "delivered":
            break
    return said


def _affordable(database: Database, settings: Settings, tellings: Sequence[Telling]) -> Iterator[Telling]:
    """Those that the rate allows, for as long as there is time."""
    room = len(tellings)
    limits = [place.per_minute for place in places(settings.alerts)]
    if limits and tellings:
        room = min(limits) - database.rows(statement("alerts/told_lately"))[0]["told"]
    until = time.monotonic() + LONGEST
    for telling in tellings[: max(0, room)]:
        if time.monotonic() < until:
            yield telling


def report(database: Database, settings: Settings, trouble: Trouble, now: datetime) -> Delivery | None:
    """Keep and tell something that an event told of, as often as what lasts is told."""
    row = find_open(database, trouble.kind, trouble.subject)
    store(database, as_alert(trouble, now))
    what = due(trouble, row, now)
    if what is None:
        return None
    return tell_and_keep(database, settings, Telling(what, trouble, told_of(trouble)), now)


def find_open(database: Database, kind: str, subject: str) -> OpenAlert | None:
    """The open alert of this kind and subject."""
    rows = open_alerts(database)
    return next((row for row in rows if (row.kind, row.subject) == (kind, subject)), None)


def open_alerts(database: Database) -> Sequence[OpenAlert]:
    """Alerts that are open, worst first."""
    return [OpenAlert(**row) for row in database.rows(statement("alerts/open"))]


def tell_and_keep(database: Database, settings: Settings, telling: Telling, now: datetime) -> Delivery | None:
    """Tell the sinks, where any is set, and keep what became of it.

    What is over is closed once that was told; where it could not be, the row stays open for another try.
    """
    alert = as_alert(telling.trouble, now, resolved=telling.what == "resolved")
    delivery = deliver(settings, alert)
    if telling.row is not None and delivery is not None and delivery.outcome != "delivered":
        alert = as_alert(as_trouble(telling.row), telling.row.seen_at)
    store(database, alert, delivery, what=telling.what, told=telling.told)
    return delivery


def as_alert(trouble: Trouble, now: datetime, *, resolved: bool = False) -> PlatformAlert:
    """A trouble as it is told and kept."""
    return PlatformAlert(
        trouble.kind, trouble.subject, trouble.severity, trouble.title, trouble.detail, now, resolved
    )
