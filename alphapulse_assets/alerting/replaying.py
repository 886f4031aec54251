"""When a rule would have fired, by what was stored: what `alphapulse alerts test` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alphapulse_assets.alerting.readings import became_known, standing
from alphapulse_assets.alerts.rules import Rule
from alphapulse_assets.alerts.watching import Move, RuleWatch
from alphapulse_resources.database.client import Database

STRETCH: Final = timedelta(days=1)
"""How much is read at a time (ours)."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a rule did: steps that fired, and how often it was looked at and could not be told."""

    fired: Sequence[Move]
    looks: int
    unknown: int
    held_back: int


def replay(
    database: Database, rule: Rule, instruments: Sequence[int], after: datetime, until: datetime
) -> Replay:
    """Let a rule see what became known in (after, until], beginning with how things stood at `after`.

    The same functions on the same rows as live; a crossing needs a known before, as it does live.
    """
    watch = RuleWatch()
    watch.watch([rule])
    for news in standing(database, rule.checked.reads, instruments, after):
        watch.know(news)
    for instrument in instruments:
        watch.look(instrument, after.timestamp())
    watch.looks.clear()
    watch.unknown.clear()
    fired, held_back, begin = [], 0, after
    while begin < until:
        end = min(begin + STRETCH, until)
        for news in became_known(database, rule.checked.reads, instruments, begin, end):
            for move in watch.take(news):
                fired += [move] if move.step.fires else []
                held_back += move.step.state.held_back > move.before.held_back
        begin = end
    return Replay(fired, watch.looks.get(rule.rule_id, 0), watch.unknown.get(rule.rule_id, 0), held_back)
