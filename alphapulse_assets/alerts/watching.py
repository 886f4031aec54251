"""Rules, what they read of each instrument, and their states: news in, steps out. Pure.

One `RuleWatch` is what a stream, the poller, the watch and a replay evaluate with; they differ in where their
news come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from alphapulse_assets.alerts.evaluation import Told
from alphapulse_assets.alerts.rules import Read, Rule, State, Step, changes_nothing, judged

Key: TypeAlias = tuple[int, int]
"""Rule and instrument."""
AT_ONCE: Final = 50
"""Rules that are asked before others may have their turn (ours): a fraction of a millisecond."""
NOTHING: Final = State()


@dataclass(frozen=True, slots=True)
class News:
    """What became known of an instrument at one moment.

    Args:
        instrument_id: whose it is.
        at: when it was known here, in seconds since 1970 UTC.
        ts: the time that it is about, such as the close of a bar; an alert of it has this time.
        values: fields by key. Those of a record (a whale, a pattern) are said of it alone.
        record: what tells one thing that came from others of its moment; None where nothing came.
        until: when a value stops to say how it is, where it says so itself, by key.
    """

    instrument_id: int
    at: float
    ts: float
    values: Mapping[str, Told]
    record: str | None = None
    until: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """A step that is to be stored: the state changed, or the rule fires."""

    rule: Rule
    news: News
    before: State
    step: Step
    values: Mapping[str, Told]

    @property
    def key(self) -> Key:
        """Whose state it is."""
        return self.rule.rule_id, self.news.instrument_id

    @property
    def stored(self) -> State:
        """The state as it is once this is stored."""
        return replace(self.step.state, moves=self.before.moves + 1)


@dataclass(slots=True)
class RuleWatch:
    """See the module. `looks` counts what was asked, `unknown` what could not be told, by rule."""

    states: dict[Key, State] = field(default_factory=dict)
    looks: dict[int, int] = field(default_factory=dict)
    unknown: dict[int, int] = field(default_factory=dict)
    _rules: tuple[Rule, ...] = ()
    _reads: dict[str, Read] = field(default_factory=dict)
    _keeps: dict[str, float] = field(default_factory=dict)
    _asked: dict[tuple[frozenset[str], int], tuple[Rule, ...]] = field(default_factory=dict)
    _boards: dict[int, dict[str, tuple[Told, float]]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are watched."""
        return self._rules

    @property
    def reads(self) -> Mapping[str, Read]:
        """All that the rules read, by key."""
        return self._reads

    def watch(self, rules: Iterable[Rule]) -> None:
        """Watch these and no others; values that nobody reads any more are forgotten."""
        self._rules = tuple(rules)
        self._reads = {read.key: read for rule in self._rules for read in rule.checked.reads}
        self._keeps = {
            key: read.field.keeps(read.timeframe).total_seconds() for key, read in self._reads.items()
        }
        self._asked.clear()
        for board in self._boards.values():
            for gone in board.keys() - self._reads.keys():
                del board[gone]

    def forget(self, instrument_id: int) -> None:
        """An instrument that is not followed any more."""
        self._boards.pop(instrument_id, None)

    def know(self, news: News) -> None:
        """Take values without asking any rule: how things stood when the watch began."""
        board = self._boards.setdefault(news.instrument_id, {})
        for key, told in news.values.items():
            if key in self._keeps:
                board[key] = (told, news.until.get(key, news.at + self._keeps[key]))

    def take(self, news: News) -> list[Move]:
        """Take what became known and ask every rule that it concerns."""
        return [move for moves in self.taking(news) for move in moves]

    def taking(self, news: News) -> Iterator[list[Move]]:
        """As `take`, a few rules at a time: whoever has other things to do may do them in between."""
        if news.record is None:
            self.know(news)
        return self._ask(self._concerned(news), news)

    def look(self, instrument_id: int, at: float) -> list[Move]:
        """Ask every rule of an instrument by how things stand, but for those of things that come."""
        news = News(instrument_id, at, at, {})
        rules = [rule for rule in self._rules if _of(rule, news)]
        return [move for moves in self._ask(rules, news) for move in moves]

    def _ask(self, rules: Sequence[Rule], news: News) -> Iterator[list[Move]]:
        values = self._known(news)
        for first in range(0, len(rules), AT_ONCE):
            moves = []
            for rule in rules[first : first + AT_ONCE]:
                move = self._asked_one(rule, values, news)
                if move is not None:
                    moves.append(move)
            yield moves

    def _asked_one(self, rule: Rule, values: Mapping[str, Told], news: News) -> Move | None:
        key = (rule.rule_id, news.instrument_id)
        before = self.states.get(key, NOTHING)
        truth, sides = rule.condition(values, before.sides)
        self.looks[rule.rule_id] = self.looks.get(rule.rule_id, 0) + 1
        if truth is None:
            self.unknown[rule.rule_id] = self.unknown.get(rule.rule_id, 0) + 1
        if changes_nothing(rule, truth, sides, before):
            return None
        found = judged(rule, truth, sides, before, news.at)
        if not found.fires and found.state is before:
            return None
        read = {each.key: values.get(each.key) for each in rule.checked.reads}
        move = Move(rule, news, before, found, read)
        self.states[key] = move.stored
        return move

    def values(self, rule: Rule, instrument_id: int, at: float) -> dict[str, Told]:
        """What a rule would read now."""
        known = self._known(News(instrument_id, at, at, {}))
        return {each.key: known.get(each.key) for each in rule.checked.reads}

    def _known(self, news: News) -> dict[str, Told]:
        """All that is known of an instrument, and of what came; what is too old is not known any more."""
        board = self._boards.get(news.instrument_id, {})
        found = {key: told for key, (told, until) in board.items() if news.at <= until}
        if news.record is not None:
            found.update(news.values)
        return found

    def _concerned(self, news: News) -> tuple[Rule, ...]:
        """Rules that what became known makes be asked again."""
        cached = (frozenset(news.values), news.instrument_id)
        found = self._asked.get(cached)
        if found is None:
            found = tuple(
                rule
                for rule in self._rules
                if _of(rule, news) and not rule.checked.triggers.isdisjoint(news.values)
            )
            self._asked[cached] = found
        return found


def _of(rule: Rule, news: News) -> bool:
    """Whether a rule is of the instrument, and of what comes where something came."""
    ours = rule.instruments is None or news.instrument_id in rule.instruments
    return ours and rule.checked.of_records == (news.record is not None)
