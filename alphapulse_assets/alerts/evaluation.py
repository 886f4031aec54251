"""What a condition says of values: true, false, or unknown, which never fires. Pure.

Unknown is what Kleene's logic makes of it: `false and unknown` is false, `true or unknown` is true. A number
that is not finite is unknown, and so is a division by 0.
"""

import math
import operator
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from typing import Final, TypeAlias

from alphapulse_assets.alerts.expressions import tree
from alphapulse_assets.alerts.expressions.tree import Truth, Value

Told: TypeAlias = float | str | None
"""What a field says; None where that is not known."""
Values: TypeAlias = Mapping[str, Told]
"""Fields by `Reading.key`."""
Sides: TypeAlias = tuple[bool | None, ...]
"""For each crossing, from left to right: whether its left value was above (below) its right one, if known."""

_Number: TypeAlias = Callable[[Values], float | str | None]
_Condition: TypeAlias = Callable[[Values, Sequence[bool | None], MutableSequence[bool | None]], bool | None]

_RELATIONS: Final[Mapping[str, Callable[..., bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_SIGNS: Final[Mapping[str, Callable[..., float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Condition:
    """A tree made into functions once, for being asked often."""

    def __init__(self, condition: Truth) -> None:
        self.crossings: Final = tree.crossings(condition)
        self._ask = _condition(condition, iter(range(self.crossings)).__next__)
        self._none: Sides = (None,) * self.crossings

    def __call__(self, values: Values, sides: Sides = ()) -> tuple[bool | None, Sides]:
        """Whether it holds, and the sides to remember. `sides` are those of the last time."""
        if not self.crossings:
            return self._ask(values, (), []), ()
        before = sides if len(sides) == self.crossings else self._none
        after = list(before)
        return self._ask(values, before, after), tuple(after)


def _condition(node: Truth, next_side: Callable[[], int]) -> _Condition:
    match node:
        case tree.Compare(relation, left, right):
            return _compare(_RELATIONS[relation], _value(left), _value(right))
        case tree.Cross(above, left, right):
            return _cross(above, _value(left), _value(right), next_side())
        case tree.Not(of):
            return _negated(_condition(of, next_side))
        case tree.Both(left, right):
            return _joined(_condition(left, next_side), _condition(right, next_side), decides=False)
        case tree.Either(left, right):
            return _joined(_condition(left, next_side), _condition(right, next_side), decides=True)


def _compare(relation: Callable[..., bool], left: _Number, right: _Number) -> _Condition:
    def ask(
        values: Values, before: Sequence[bool | None], after: MutableSequence[bool | None]
    ) -> bool | None:
        a, b = left(values), right(values)
        return None if a is None or b is None else relation(a, b)

    return ask


def _cross(above: bool, left: _Number, right: _Number, place: int) -> _Condition:
    beyond: Callable[..., bool] = operator.gt if above else operator.lt

    def ask(
        values: Values, before: Sequence[bool | None], after: MutableSequence[bool | None]
    ) -> bool | None:
        a, b = left(values), right(values)
        if a is None or b is None:
            return None
        after[place] = beyond(a, b)
        return bool(after[place]) and before[place] is False

    return ask


def _negated(of: _Condition) -> _Condition:
    def ask(
        values: Values, before: Sequence[bool | None], after: MutableSequence[bool | None]
    ) -> bool | None:
        truth = of(values, before, after)
        return None if truth is None else not truth

    return ask


def _joined(left: _Condition, right: _Condition, *, decides: bool) -> _Condition:
    """`decides` is the truth of one that settles it; both are asked, as both may have sides to remember."""

    def ask(
        values: Values, before: Sequence[bool | None], after: MutableSequence[bool | None]
    ) -> bool | None:
        a, b = left(values, before, after), right(values, before, after)
        if a is decides or b is decides:
            return decides
        return None if a is None or b is None else not decides

    return ask


def _value(node: Value) -> _Number:
    match node:
        case tree.Number(number):
            return lambda values: number
        case tree.Text(text):
            return lambda values: text
        case tree.Reading():
            return _read(node.key)
        case tree.Negative(of):
            return _negative(_value(of))
        case tree.Arithmetic(sign, left, right):
            return _computed(_SIGNS[sign], _value(left), _value(right))


def _read(key: str) -> _Number:
    def ask(values: Values) -> float | str | None:
        told = values.get(key)
        return told if isinstance(told, str) or told is None or math.isfinite(told) else None

    return ask


def _negative(of: _Number) -> _Number:
    def ask(values: Values) -> float | str | None:
        number = of(values)
        return None if number is None or isinstance(number, str) else -number

    return ask


def _computed(sign: Callable[..., float], left: _Number, right: _Number) -> _Number:
    def ask(values: Values) -> float | str | None:
        a, b = left(values), right(values)
        if a is None or b is None:
            return None
        try:
            found = sign(a, b)
        except (ZeroDivisionError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    return ask
