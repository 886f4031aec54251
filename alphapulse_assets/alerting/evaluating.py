"""Rules as their evaluators have them: read when they change, their steps stored, each alert exactly once."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb

from alphapulse_assets.alerting.readings import moment
from alphapulse_assets.alerts.evaluation import Told
from alphapulse_assets.alerts.expressions.fields import Evaluator
from alphapulse_assets.alerts.expressions.tokens import ExpressionError
from alphapulse_assets.alerts.model import Alert, AlertKind, Detail, Severity
from alphapulse_assets.alerts.payload import payload
from alphapulse_assets.alerts.rules import Checked, Rule, State, Step, check, title
from alphapulse_assets.alerts.watching import Key, Move, News, RuleWatch
from alphapulse_resources.alerts import AlertMessage
from alphapulse_resources.database.client import Database, statement

log = logging.getLogger(__name__)

cached_check = lru_cache(maxsize=20_000)(check)


@dataclass(frozen=True, slots=True)
class Named:
    """An instrument as alerts call it; `venue_symbol` is the venue's own name of it."""

    instrument_id: int
    venue: str
    symbol: str
    venue_symbol: str | None = None

    @property
    def name(self) -> str:
        """As titles call it."""
        return f"{self.symbol} on {self.venue}"


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert of a rule that is stored now, and is to be told."""

    alert_id: int
    move: Move
    instrument: Named
    reference: str
    title: str
    detail: Mapping[str, Any]

    @property
    def alert(self) -> Alert:
        """As other alerts are."""
        news, rule = self.move.news, self.move.rule
        told: Detail = {"rule": rule.name, "expression": rule.checked.expression}
        told |= {key: value for key, value in self.move.values.items() if value is not None}
        names, times = (news.instrument_id, self.instrument.symbol), (news.ts, news.at)
        kind, reference = AlertKind.RULE, self.reference
        return Alert(*names, *times, kind, rule.severity, self.title, told, reference, rule.revision)

    @property
    def payload(self) -> dict[str, Any]:
        """As sinks get it."""
        rule = self.move.rule
        return payload(
            kind=AlertKind.RULE.value,
            ts=moment(self.move.news.ts),
            known_at=moment(self.move.news.at),
            severity=rule.severity.value,
            title=self.title,
            detail=self.detail,
            reference=self.reference,
            venue=self.instrument.venue,
            symbol=self.instrument.symbol,
            venue_symbol=self.instrument.venue_symbol,
            alert_id=self.alert_id,
            rule={
                "id": rule.rule_id,
                "name": rule.name,
                "expression": rule.checked.expression,
                "mode": rule.mode,
            },
        )

    @property
    def message(self) -> AlertMessage:
        """For a sink of a stream."""
        news = self.move.news
        sent = self.payload
        return AlertMessage(news.instrument_id, moment(news.ts), AlertKind.RULE.value, self.reference, sent)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rules as they were read, and what is remembered of them."""

    version: int
    rules: Sequence[Rule]
    states: Mapping[Key, State]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of steps: alerts that are stored now, and states that somebody else had moved."""

    fired: Sequence[Fired]
    elsewhere: Mapping[Key, State | None]


@dataclass(slots=True)
class RuleBook:
    """One evaluator's rules.

    What reads or writes (`load`, `recall`, `store`, `note_looks`) blocks, may run in a thread, and leaves
    `watch` alone; what came of it is taken in by `apply` and `settle`, in the thread that evaluates.
    """

    database: Database
    evaluator: Evaluator
    name: str
    watch: RuleWatch = field(default_factory=RuleWatch)
    instruments: dict[int, Named] = field(default_factory=dict)
    version: int | None = None

    def load(self) -> Loaded | None:
        """The rules, if any changed since they were taken in. Blocking."""
        version = int(self.database.rows(statement("alerts/rules/version"))[0]["version"])
        if version == self.version:
            return None
        rules = []
        for row in self.database.rows(statement("alerts/rules/load")):
            checked, problem = _read(row["expression"])
            self._note(row, checked, problem)
            if checked is not None and checked.evaluator is self.evaluator:
                rules.append(_rule(row, checked))
        return Loaded(version, rules, self.recall(rules))

    def recall(self, rules: Iterable[Rule], instruments: Iterable[int] | None = None) -> dict[Key, State]:
        """What is remembered of rules, for all instruments or some. Blocking."""
        given = {
            "rules": [rule.rule_id for rule in rules],
            "instruments": None if instruments is None else sorted(instruments),
        }
        rows = self.database.rows(statement("alerts/rules/states"), given)
        return {(row["rule_id"], row["instrument_id"]): _state(row) for row in rows}

    def apply(self, loaded: Loaded) -> None:
        """Watch these rules from now on; what goes on in memory of those that did not change stays."""
        same = {(rule.rule_id, rule.revision) for rule in self.watch.rules}
        same &= {(rule.rule_id, rule.revision) for rule in loaded.rules}
        kept = {rule_id for rule_id, _ in same}
        self.watch.states = {
            **loaded.states,
            **{key: state for key, state in self.watch.states.items() if key[0] in kept},
        }
        self.watch.watch(loaded.rules)
        self.version = loaded.version

    def settle(self, stored: Stored) -> None:
        """Take in what others had moved."""
        for key, state in stored.elsewhere.items():
            self.watch.states.pop(key, None)
            if state is not None:
                self.watch.states[key] = state

    def store(self, moves: Sequence[Move]) -> Stored:
        """Store steps in their order: each alert once, whoever else evaluates the same. Blocking."""
        fired: list[Fired] = []
        lost: set[Key] = set()
        with self.database.transaction() as connection:
            for batch in _batches(moves):
                alerts = {move.key: self._alert(move) for move in batch}
                steps = [_step(move, alerts[move.key]) for move in batch]
                rows = connection.execute(statement("alerts/rules/fire"), {"steps": Jsonb(steps)}).fetchall()
                moved = {(rule_id, instrument_id): alert_id for rule_id, instrument_id, alert_id in rows}
                lost |= alerts.keys() - moved.keys()
                fired += [
                    Fired(alert_id, move, self.named(move.news.instrument_id), *alerts[move.key])
                    for move in batch
                    if move.step.fires and (alert_id := moved.get(move.key)) is not None
                ]
        if not lost:
            return Stored(fired, {})
        log.info("%s: %d states of rules had moved elsewhere: read again", self.name, len(lost))
        now = self.recall({move.rule for move in moves}, {instrument for _, instrument in lost})
        return Stored(fired, {key: now.get(key) for key in lost})

    def untold(self, instruments: Iterable[int], before: datetime) -> list[Fired]:
        """Alerts of rules that are watched, stored before a time and told to no sink. Blocking."""
        rules = {rule.rule_id: rule for rule in self.watch.rules}
        given = {"rules": list(rules), "instruments": sorted(instruments), "before": before}
        return [
            Fired(
                row["alert_id"],
                _told_again(rules[row["rule_id"]], row),
                self.named(row["instrument_id"]),
                row["reference"],
                row["title"],
                row["detail"],
            )
            for row in self.database.rows(statement("alerts/rules/untold"), given)
        ]

    def note_looks(self) -> None:
        """Write down that rules were looked at. Blocking."""
        looks, unknown = self.watch.looks, self.watch.unknown
        self.watch.looks, self.watch.unknown = {}, {}
        rows = [
            {"rule_id": each, "looks": looks[each], "unknown": unknown.get(each, 0)} for each in sorted(looks)
        ]
        if rows:
            given = {"evaluator": self.name, "looks": Jsonb(rows)}
            self.database.execute(statement("alerts/rules/looked"), given)

    def named(self, instrument_id: int) -> Named:
        """An instrument as alerts call it."""
        return self.instruments.get(instrument_id) or Named(instrument_id, "", f"instrument {instrument_id}")

    def read_instruments(self) -> None:
        """All tracked instruments. Blocking."""
        rows = self.database.rows(statement("alerts/rules/tracked"))
        self.instruments = {row["instrument_id"]: Named(**row) for row in rows}

    def _alert(self, move: Move) -> tuple[str, str, Mapping[str, Any]]:
        """Reference, title and detail of the alert that a step is."""
        rule, news = move.rule, move.news
        timeframes = sorted({read.timeframe for read in rule.checked.reads if read.timeframe})
        reference = " ".join(filter(None, (str(rule.rule_id), news.record)))
        detail = {
            "rule_id": rule.rule_id,
            "rule": rule.name,
            "expression": rule.checked.expression,
            "mode": rule.mode,
            "values": _plain(move.values),
            **({"timeframe": timeframes[0]} if len(timeframes) == 1 else {}),
            **({"record": news.record} if news.record else {}),
            **({"held_back": move.step.held_back} if move.step.held_back else {}),
        }
        return reference, title(rule, self.named(news.instrument_id).name, move.values), detail

    def _note(self, row: Mapping[str, Any], checked: Checked | None, problem: str | None) -> None:
        """Write down what the expression reads, or what is wrong with it, where that is not there yet."""
        reads = [each.key for each in checked.reads] if checked else None
        evaluator = checked.evaluator.value if checked else None
        if (row["reads"], row["evaluator"], row["problem"]) != (reads, evaluator, problem):
            given = {"reads": reads, "evaluator": evaluator, "problem": problem}
            self.database.execute(statement("alerts/rules/checked"), {**row, **given})


def _read(expression: str) -> tuple[Checked | None, str | None]:
    try:
        return cached_check(expression), None
    except ExpressionError as error:
        return None, f"{error.words} (column {error.column})"


def _rule(row: Mapping[str, Any], checked: Checked) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        revision=row["revision"],
        name=row["name"],
        checked=checked,
        mode=row["mode"],
        cool_down=row["cool_down"],
        severity=Severity(row["severity"]),
        instruments=None if row["instruments"] is None else frozenset(row["instruments"]),
        expires_at=row["expires_at"],
        sinks=None if row["sinks"] is None else tuple(row["sinks"]),
    )


def _told_again(rule: Rule, row: Mapping[str, Any]) -> Move:
    """The step that an alert came of, as much of it as its row has."""
    values = row["detail"].get("values") or {}
    news = News(row["instrument_id"], row["known_at"], row["ts"], values, row["detail"].get("record"))
    return Move(rule, news, State(), Step(True, True, State()), values)


def _state(row: Mapping[str, Any]) -> State:
    return State(row["truth"], tuple(row["sides"]), row["fired_at"], row["held_back"], row["moves"])


def _step(move: Move, alert: tuple[str, str, Mapping[str, Any]]) -> dict[str, Any]:
    """A row of what sql/alerts/rules/fire.sql takes: with the very times that are told."""
    state, (reference, words, detail) = move.step.state, alert
    fires = move.step.fires
    return {
        "rule_id": move.rule.rule_id,
        "instrument_id": move.news.instrument_id,
        "revision": move.rule.revision,
        "moves": move.before.moves,
        "truth": state.truth,
        "sides": list(state.sides),
        "read": _plain(move.values),
        "known_at": moment(move.news.at).isoformat(),
        "fired_at": None if state.fired_at is None else moment(state.fired_at).isoformat(),
        "held_back": state.held_back,
        "fires": fires,
        "ts": moment(move.news.ts).isoformat(),
        "reference": reference,
        "severity": move.rule.severity.value,
        "title": words,
        "detail": dict(detail) if fires else None,
    }


def _plain(values: Mapping[str, Told]) -> dict[str, Told]:
    """Values as JSON can hold them."""
    return {
        key: None if isinstance(told, float) and not math.isfinite(told) else told
        for key, told in values.items()
    }


def _batches(moves: Sequence[Move]) -> Iterable[list[Move]]:
    """Steps in their order, cut where one is of a key that was there: a statement moves a state once."""
    batch: dict[Key, Move] = {}
    for move in moves:
        if move.key in batch:
            yield list(batch.values())
            batch = {}
        batch[move.key] = move
    if batch:
        yield list(batch.values())
