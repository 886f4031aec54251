"""An expression as a tree, and the tree as text again: `parse(printed(tree)) == tree`. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Sign: TypeAlias = Literal["+", "-", "*", "/"]
Relation: TypeAlias = Literal["<", "<=", ">", ">=", "=", "!="]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, not below 0: a minus before it is a `Negative`."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text, without quotes in it."""

    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored field: its name in the catalogue and, where it has one, its timeframe."""

    field: str
    timeframe: str | None = None

    @property
    def key(self) -> str:
        """As it is written, and as values are filed: `rsi_14[1h]`."""
        return self.field if self.timeframe is None else f"{self.field}[{self.timeframe}]"


@dataclass(frozen=True, slots=True)
class Negative:
    """The number with its sign turned."""

    of: "Value"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers made one."""

    sign: Sign
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class Compare:
    """Whether two values stand so to each other."""

    relation: Relation
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class Cross:
    """Whether the left one has just come above the right one (or below), having been not above before."""

    above: bool
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class Both:
    """and."""

    left: "Truth"
    right: "Truth"


@dataclass(frozen=True, slots=True)
class Either:
    """or."""

    left: "Truth"
    right: "Truth"


@dataclass(frozen=True, slots=True)
class Not:
    """not."""

    of: "Truth"


Value: TypeAlias = Number | Text | Reading | Negative | Arithmetic
Truth: TypeAlias = Compare | Cross | Both | Either | Not
Tree: TypeAlias = Value | Truth

OR, AND, NOT, RELATION, SUM, PRODUCT, MINUS, ATOM = range(8)
"""How strongly parts hold together, the loosest first."""
STRENGTH: Final[dict[str, int]] = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


def children(tree: Tree) -> tuple[Tree, ...]:
    """Its parts, from left to right."""
    match tree:
        case Number() | Text() | Reading():
            return ()
        case Negative(of) | Not(of):
            return (of,)
        case _:
            return (tree.left, tree.right)


def readings(tree: Tree) -> Iterator[Reading]:
    """The fields it reads, from left to right, as often as they are written."""
    if isinstance(tree, Reading):
        yield tree
    for child in children(tree):
        yield from readings(child)


def crossings(tree: Tree) -> int:
    """How many `crosses_above` and `crosses_below` it has: so many sides are remembered."""
    return isinstance(tree, Cross) + sum(map(crossings, children(tree)))


def is_of_moments(tree: Tree) -> bool:
    """Whether it can only be true at the moment of a crossing, never for a while."""
    match tree:
        case Cross():
            return True
        case Both(left, right):
            return is_of_moments(left) or is_of_moments(right)
        case Either(left, right):
            return is_of_moments(left) and is_of_moments(right)
        case _:
            return False


def printed(tree: Tree) -> str:
    """The expression in one line, with no more parentheses than it needs."""
    match tree:
        case Number(value):
            return f"{value:.0f}" if value < 1e15 and value == int(value) else repr(value)
        case Text(value):
            return f'"{value}"'
        case Reading():
            return tree.key
        case Negative(of):
            return f"-{_within(of, MINUS)}"
        case Not(of):
            return f"not {_within(of, NOT)}"
        case Compare(relation, left, right):
            return f"{_within(left, SUM)} {relation} {_within(right, SUM)}"
        case Cross(above, left, right):
            word = "crosses_above" if above else "crosses_below"
            return f"{_within(left, SUM)} {word} {_within(right, SUM)}"
        case Arithmetic(sign, left, right):
            strength = STRENGTH[sign]
            return f"{_within(left, strength)} {sign} {_within(right, strength + 1)}"
        case Both(left, right):
            return f"{_within(left, AND)} and {_within(right, AND + 1)}"
        case Either(left, right):
            return f"{_within(left, OR)} or {_within(right, OR + 1)}"


def _within(tree: Tree, strength: int) -> str:
    text = printed(tree)
    return text if _strength(tree) >= strength else f"({text})"


def _strength(tree: Tree) -> int:
    match tree:
        case Either():
            return OR
        case Both():
            return AND
        case Not():
            return NOT
        case Compare() | Cross():
            return RELATION
        case Arithmetic(sign):
            return STRENGTH[sign]
        case Negative():
            return MINUS
        case _:
            return ATOM
