"""A rule of somebody's own and what becomes of it: pure steps from one state to the next.

A step is a function of the rule, the values now and the state before, so that a stream, the poller, the watch
and a replay of stored history come to the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from alphapulse_assets.alerts.evaluation import Condition, Sides, Values
from alphapulse_assets.alerts.expressions import tree
from alphapulse_assets.alerts.expressions.fields import FIELDS, WHOLE_MARKET, Change, Evaluator, Field
from alphapulse_assets.alerts.expressions.parsing import parse
from alphapulse_assets.alerts.expressions.tokens import ExpressionError
from alphapulse_assets.alerts.model import Severity

Mode: TypeAlias = Literal["crossing", "level"]
"""crossing: fires when the condition becomes true; level: as long as it is, once in a cool-down."""
MODES: Final[tuple[Mode, ...]] = ("crossing", "level")
LEAST_COOL_DOWN: Final = timedelta(minutes=1)
"""Of a rule of mode level (ours): it would fire each second otherwise."""
COOL_DOWN: Final[Mapping[str, timedelta]] = {"crossing": timedelta(0), "level": timedelta(hours=1)}
"""Where none is given (ours)."""


@dataclass(frozen=True, slots=True)
class Read:
    """A field that an expression reads."""

    key: str
    field: Field
    timeframe: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that was read, and what follows from it.

    `triggers` are the keys whose news make it be asked again: all that it reads, or, where it reads something
    that comes (a whale, a pattern), those alone.
    """

    tree: tree.Truth
    reads: tuple[Read, ...]
    evaluator: Evaluator
    triggers: frozenset[str]

    @property
    def expression(self) -> str:
        """In the one form that there is of it."""
        return tree.printed(self.tree)

    @property
    def of_records(self) -> bool:
        """Whether it is asked of each thing that comes."""
        return any(each.field.record for each in self.reads)

    @property
    def of_market(self) -> bool:
        """Whether all that it reads is the same for every symbol."""
        return all(each.field.source.name in WHOLE_MARKET for each in self.reads)


def check(expression: str) -> Checked:
    """Read an expression.

    Raises:
        ExpressionError: it cannot be read, or nobody could evaluate it.
    """
    found = parse(expression)
    reads = tuple(
        {
            each.key: Read(each.key, FIELDS[each.field], each.timeframe) for each in tree.readings(found)
        }.values()
    )
    if not reads:
        raise ExpressionError("it reads no field: it would always say the same", expression, 1)
    records = {each.field.source.name for each in reads if each.field.record}
    if len({(each.field.source.name, each.timeframe) for each in reads if each.field.record}) > 1:
        what = f"one of {' and one of '.join(sorted(records))}" if len(records) > 1 else "two timeframes"
        raise ExpressionError(f"{what} never come as one: make a rule of each", expression, 1)
    changes = {each.field.source.change for each in reads}
    if records and Change.LOOK in changes:
        words = "gaps and freshness are looked at each half minute, not when something comes: make two rules"
        raise ExpressionError(words, expression, 1)
    triggers = [each.key for each in reads if each.field.record] or [each.key for each in reads]
    return Checked(found, reads, _evaluator(changes), frozenset(triggers))


def _evaluator(changes: set[Change]) -> Evaluator:
    if Change.LOOK in changes:
        return Evaluator.WATCH
    return Evaluator.POLLER if changes == {Change.COLLECTED} else Evaluator.STREAM


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is evaluated. Times are seconds since 1970 UTC; `instruments` None: all that are followed.

    `sinks` None: all there are.
    """

    rule_id: int
    revision: int
    name: str
    checked: Checked
    mode: Mode = "crossing"
    cool_down: float = 0.0
    severity: Severity = Severity.WARNING
    instruments: frozenset[int] | None = None
    expires_at: float | None = None
    sinks: tuple[str, ...] | None = None
    condition: Condition = field(init=False, compare=False, repr=False)

    needs_before: bool = field(init=False, compare=False, repr=False)
    """Whether it fires only where the condition did not hold before."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "condition", Condition(self.checked.tree))
        of_moments = self.checked.of_records or tree.is_of_moments(self.checked.tree)
        object.__setattr__(self, "needs_before", self.mode == "crossing" and not of_moments)


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a rule and an instrument between two steps.

    `truth` is the last that was known. `moves` counts what was stored of it: who stores the next has to know
    the last, so that nobody fires twice.
    """

    truth: bool | None = None
    sides: Sides = ()
    fired_at: float | None = None
    held_back: int = 0
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at a rule came to."""

    truth: bool | None
    fires: bool
    state: State
    held_back: int = 0
    """Of a rule that fires: how often the cool-down kept it back since it last did."""
    why: str = ""
    """Why it does not fire though the condition holds."""


def step(rule: Rule, values: Values, state: State, at: float) -> Step:
    """Look at a rule once: `values` are those of now, `at` is now. Pure: the same gives the same."""
    return judged(rule, *rule.condition(values, state.sides), state, at)


def changes_nothing(rule: Rule, truth: bool | None, sides: Sides, state: State) -> bool:
    """Whether a look that came to this leaves all as it was, as most do: no step need be made of it."""
    if sides != state.sides:
        return False
    return truth is None or (truth is state.truth and (not truth or rule.needs_before))


def judged(rule: Rule, truth: bool | None, sides: Sides, state: State, at: float) -> Step:
    """What a condition that said this comes to."""
    after = state if sides == state.sides else replace(state, sides=sides)
    if truth is None:
        return Step(None, False, after)
    if truth is not state.truth:
        after = replace(after, truth=truth)
    why = _held(rule, truth, state, at)
    if why == COOLING:
        return Step(truth, False, replace(after, held_back=state.held_back + 1), why=why)
    if why:
        return Step(truth, False, after, why=why if truth else "")
    return Step(truth, True, replace(after, fired_at=at, held_back=0), state.held_back)


COOLING: Final = "it fired lately: its cool-down holds it back"


def _held(rule: Rule, truth: bool, state: State, at: float) -> str:
    """Why a rule does not fire; empty if it does."""
    if not truth:
        return "the condition does not hold"
    if rule.expires_at is not None and at >= rule.expires_at:
        return "the rule has expired"
    if rule.needs_before and state.truth is not False:
        return "it has held before" if state.truth else "nothing was known before: nothing was crossed"
    if state.fired_at is not None and at < state.fired_at + rule.cool_down:
        return COOLING
    return ""


def title(rule: Rule, name: str, values: Values) -> str:
    """An alert of it in a sentence; `name` is the instrument's, as `BTC/USDT on binance`."""
    said = ", ".join(f"{each.key} {words(values.get(each.key))}" for each in rule.checked.reads)
    return f"{name}: {rule.name}: {rule.checked.expression} ({said})"


def words(value: float | str | None) -> str:
    """A value for people."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.6g}"


def unknown(rule: Rule, values: Values) -> Sequence[str]:
    """The fields of it that are not known."""
    return [each.key for each in rule.checked.reads if values.get(each.key) is None]
