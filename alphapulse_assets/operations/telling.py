"""What is told to the operator: once, again when it became worse or lasts, and that it is over. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from alphapulse_assets.operations.rules import RULE_KINDS, Trouble
from alphapulse_resources.webhook import Severity

REMIND: Final[Mapping[Severity, float]] = {"critical": 4 * 3_600.0, "warning": 86_400.0, "info": 7 * 86_400.0}
"""Seconds after which what lasts is told again (ours)."""
WORSE_AFTER: Final = 300.0
"""Seconds between two tellings of the same, the second since it concerns more (ours)."""
OVER_AFTER: Final = 90.0
"""Seconds that something must not be seen for being over: what comes and goes is one trouble (ours)."""
FORGOTTEN_AFTER: Final = 86_400.0
"""Seconds after which what only an event told of, such as a failed run, is taken as over (ours)."""
GIVEN_UP_AFTER: Final = 6 * 3_600.0
"""Seconds for which it is tried to tell that something is over (ours)."""
FIRST_RETRY: Final = 30.0
LONGEST_RETRY: Final = 1_800.0
"""Seconds until a failed delivery is tried again, doubled each time (ours)."""
MOST_TOLD: Final = 500
"""Members that are remembered as told (ours)."""
_RANK: Final[Mapping[str, int]] = {"info": 0, "warning": 1, "critical": 2}

What = Literal["raised", "again", "resolved"]


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A row of platform_alerts that is not resolved."""

    kind: str
    subject: str
    severity: Severity
    title: str
    detail: Mapping[str, Any]
    raised_at: datetime
    seen_at: datetime
    told_at: datetime | None = None
    told: Sequence[str] = ()
    """Severity and members, as they were told last."""
    tellings: int = 0
    tries: int = 0
    tried_at: datetime | None = None
    alert_id: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that is to be told."""

    what: What
    trouble: Trouble
    told: tuple[str, ...]
    """What the next telling is compared with."""
    row: OpenAlert | None = None
    """The alert that is over."""


@dataclass(slots=True)
class Decision:
    """What follows from a look."""

    keep: list[Trouble] = field(default_factory=list)
    """To be kept as open rows, brought up to date."""
    tell: list[Telling] = field(default_factory=list)
    over: list[OpenAlert] = field(default_factory=list)
    """To be closed without a word: nobody was told of them, or could be that they are over."""
    seen: dict[str, float] = field(default_factory=dict)
    """Since when each trouble has been seen, for the next look."""


def decide(
    troubles: Sequence[Trouble],
    rows: Sequence[OpenAlert],
    seen: Mapping[str, float],
    now: datetime,
    started: datetime,
) -> Decision:
    """What to keep, tell and close.

    `seen` is the last decision's, and empty at `started`: when looking began, after a pause if there was one.
    """
    decision, found = Decision(), set()
    by_key = {(row.kind, row.subject): row for row in rows}
    for trouble in troubles:
        row = by_key.get((trouble.kind, trouble.subject))
        name = " ".join((trouble.kind, trouble.subject, trouble.token))
        known = row.raised_at if row is not None and now == started else now
        first = decision.seen[name] = seen.get(name, known.timestamp())
        if now.timestamp() - first < trouble.lasting:
            continue
        if row is None and (now - started).total_seconds() < trouble.at_start:
            continue
        found.add((trouble.kind, trouble.subject))
        decision.keep.append(trouble)
        if (what := due(trouble, row, now)) is not None:
            decision.tell.append(Telling(what, trouble, told_of(trouble)))
    for row in rows:
        if (row.kind, row.subject) not in found:
            _unseen(decision, row, now)
    return decision


def due(trouble: Trouble, row: OpenAlert | None, now: datetime) -> What | None:
    """Whether a trouble that is seen is to be told, and as what."""
    if trouble.told_elsewhere:
        return None
    if row is None:
        return "raised"
    if _rests(row, now):
        return None
    if row.told_at is None:
        return "raised"
    passed = (now - row.told_at).total_seconds()
    worse = _RANK[trouble.severity] > _RANK.get(row.told[0] if row.told else "info", 0)
    more = len(row.told) <= MOST_TOLD and not set(trouble.members[:MOST_TOLD]) <= set(row.told[1:])
    if worse or (more and passed >= WORSE_AFTER) or passed >= REMIND[trouble.severity]:
        return "again"
    return None


def told_of(trouble: Trouble) -> tuple[str, ...]:
    """What is remembered of a telling."""
    return (trouble.severity, *trouble.members[:MOST_TOLD])


def as_trouble(row: OpenAlert) -> Trouble:
    """An open alert as it was last seen."""
    return Trouble(row.kind, row.subject, row.severity, row.title, row.detail)


def _rests(row: OpenAlert, now: datetime) -> bool:
    """Whether a delivery of it failed too short a time ago."""
    pause = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(row.tries - 1, 10))
    return bool(row.tries and row.tried_at and (now - row.tried_at).total_seconds() < pause)


def _unseen(decision: Decision, row: OpenAlert, now: datetime) -> None:
    """An open alert that no rule gave: over, or, where no rule sees it, perhaps still to be told."""
    passed = (now - row.seen_at).total_seconds()
    if row.kind not in RULE_KINDS:
        if passed >= FORGOTTEN_AFTER:
            decision.over.append(row)
        elif row.told_at is None and due(as_trouble(row), row, now):
            decision.tell.append(Telling("raised", as_trouble(row), told_of(as_trouble(row))))
    elif passed >= OVER_AFTER and (row.tellings == 0 or passed >= GIVEN_UP_AFTER):
        decision.over.append(row)
    elif passed >= OVER_AFTER and not _rests(row, now):
        decision.tell.append(over(row, now))


def over(row: OpenAlert, now: datetime) -> Telling:
    """That something is over."""
    seconds = round((now - row.raised_at).total_seconds())
    detail = {"seconds": seconds, "was": row.severity}
    trouble = Trouble(row.kind, row.subject, "info", f"over: {row.title}", detail)
    return Telling("resolved", trouble, tuple(row.told), row)
