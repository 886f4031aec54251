"""Reading expressions: a Pratt parser that knows what each field is, and points at what is wrong. Pure."""

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias, cast

from alphapulse_assets.alerts.expressions import tree
from alphapulse_assets.alerts.expressions.fields import FIELDS, STORED, Field
from alphapulse_assets.alerts.expressions.tokens import ExpressionError, Token, tokens
from alphapulse_assets.alerts.expressions.tree import Relation, Sign, Tree, Truth, Value

DEEPEST: Final = 40
"""Parentheses and signs within each other at most (ours)."""
MOST: Final = 300
"""Words of an expression at most (ours): chains of them are trees as deep."""

_Kind: TypeAlias = Literal["number", "text", "condition"]
_NAMES: Final[Mapping[str, str]] = {"==": "=", "<>": "!="}
_RELATIONS: Final = ("<", "<=", ">", ">=", "=", "!=", "crosses_above", "crosses_below")
_STRENGTHS: Final[Mapping[str, int]] = {
    "or": tree.OR,
    "and": tree.AND,
    **dict.fromkeys(_RELATIONS, tree.RELATION),
    **tree.STRENGTH,
}
_WORDS: Final = ("and", "or", "not", "crosses_above", "crosses_below")


def parse(text: str, fields: Mapping[str, Field] = FIELDS) -> Truth:
    """The condition that a text writes down.

    Raises:
        ExpressionError: it is none; the message names the column and, where it can, what was meant.
    """
    parser = _Parser(text, fields)
    found = parser.expression(tree.OR, 0)
    if parser.here.kind != "end":
        raise parser.error(f"{parser.here.text!r} was not expected here{_joined(parser.here)}", parser.here)
    if _kind(found, fields) != "condition":
        raise ExpressionError("this is a value, not a condition: compare it, as in price > 70000", text, 1)
    return cast(Truth, found)


class _Parser:
    """One pass over the words."""

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._text, self._fields = text, fields
        self._tokens = list(tokens(text))
        if len(self._tokens) > MOST:
            raise ExpressionError(f"it has more than {MOST} words", text, self._tokens[MOST].column)
        self._at = 0
        self._shared = _only_timeframe(self._tokens, fields)

    @property
    def here(self) -> Token:
        """The next word."""
        return self._tokens[self._at]

    def error(self, words: str, token: Token) -> ExpressionError:
        """An error at a word."""
        return ExpressionError(words, self._text, token.column)

    def expression(self, strength: int, depth: int) -> Tree:
        """What begins here and holds together at least so strongly."""
        if depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} parentheses or signs are within each other", self.here)
        left = self._first(depth)
        while (found := _operator(self.here)) is not None and _STRENGTHS[found] >= strength:
            token = self._take()
            right = self.expression(_STRENGTHS[found] + 1, depth + 1)
            left = self._joined(found, left, right, token)
            if _STRENGTHS[found] == tree.RELATION and (_operator(self.here) in _RELATIONS):
                raise self.error("comparisons do not chain: write a < b and b < c", self.here)
        return left

    def _take(self) -> Token:
        token = self.here
        self._at += 1
        return token

    def _first(self, depth: int) -> Tree:
        token = self._take()
        match token.kind, token.text:
            case "number", digits:
                return self._number(token, digits)
            case "text", quoted:
                return tree.Text(quoted[1:-1])
            case "sign", "(":
                inner = self.expression(tree.OR, depth + 1)
                if self.here.text != ")":
                    raise self.error("a closing parenthesis is missing", self.here)
                self._take()
                return inner
            case "sign", "-":
                return tree.Negative(cast(Value, self._of(tree.MINUS, depth, "number", token)))
            case "name", "not":
                return tree.Not(cast(Truth, self._of(tree.NOT, depth, "condition", token)))
            case "name", name if name not in _WORDS:
                return self._reading(token)
            case "end", _:
                raise self.error("the expression ends too early: a value is missing", token)
        raise self.error(f"{token.text!r} was not expected here: a value is missing before it", token)

    def _of(self, strength: int, depth: int, wanted: _Kind, token: Token) -> Tree:
        found = self.expression(strength, depth + 1)
        if (kind := _kind(found, self._fields)) != wanted:
            raise self.error(f"{token.text} needs a {wanted}, not a {kind}", token)
        return found

    def _number(self, token: Token, digits: str) -> Tree:
        value = float(digits.replace("_", ""))
        if not math.isfinite(value):
            raise self.error("this number is too large", token)
        return tree.Number(value)

    def _reading(self, token: Token) -> Tree:
        field = self._fields.get(token.text)
        if field is None:
            raise self.error(f"there is no field {token.text}{meant(token.text, self._fields)}", token)
        if self.here.kind != "timeframe":
            if field.timeframe and self._shared is None:
                raise self.error(f"{token.text} needs a timeframe, as in {token.text}[1h]", token)
            return tree.Reading(token.text, self._shared if field.timeframe else None)
        bracket = self._take()
        timeframe = bracket.text[1:-1].strip()
        if not field.timeframe:
            raise self.error(f"{token.text} has no timeframe: write it without {bracket.text}", bracket)
        if timeframe not in STORED:
            known = f"there are {', '.join(STORED)}"
            raise self.error(f"there is no timeframe {timeframe or 'without a name'}; {known}", bracket)
        return tree.Reading(token.text, timeframe)

    def _joined(self, found: str, left: Tree, right: Tree, token: Token) -> Tree:
        kinds = (_kind(left, self._fields), _kind(right, self._fields))
        if found in ("and", "or"):
            if kinds != ("condition", "condition"):
                raise self.error(
                    f"{found} joins conditions, such as price > 70000; here is {_and(kinds)}", token
                )
            return (tree.Both if found == "and" else tree.Either)(cast(Truth, left), cast(Truth, right))
        values = (cast(Value, left), cast(Value, right))
        if found in ("=", "!=") and kinds == ("text", "text"):
            self._known_text(*values, token)
        elif kinds != ("number", "number"):
            what = "compares" if found in _RELATIONS else "is for"
            raise self.error(f"{token.text} {what} numbers, here is {_and(kinds)}", token)
        if found in ("crosses_above", "crosses_below"):
            return tree.Cross(found == "crosses_above", *values)
        if found in _RELATIONS:
            return tree.Compare(cast(Relation, found), *values)
        return tree.Arithmetic(cast(Sign, found), *values)

    def _known_text(self, left: Value, right: Value, token: Token) -> None:
        """Refuse a text that its field can never say."""
        for field, said in ((left, right), (right, left)):
            if isinstance(field, tree.Reading) and isinstance(said, tree.Text):
                known = self._fields[field.field].values
                if known and said.value not in known:
                    elsewhere = [each.name for each in self._fields.values() if said.value in each.values]
                    advice = f"; {elsewhere[0]} may be" if elsewhere else meant(said.value, known)
                    words = f"{field.field} is never {said.value!r}{advice}"
                    raise self.error(words, token)


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that there is not."""
    names = list(known)
    near = difflib.get_close_matches(name.lower(), names, n=2, cutoff=0.6)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    within = [each for each in names if len(name) > 2 and name.lower() in each][:3]
    if within:
        return f"; did you mean {' or '.join(within)}?"
    return f"; there are {', '.join(names)}" if len(names) <= 20 else "; `alphapulse alerts fields` lists all"


def _operator(token: Token) -> str | None:
    text = _NAMES.get(token.text, token.text)
    return text if token.kind in ("sign", "name") and text in _STRENGTHS else None


def _kind(found: Tree, fields: Mapping[str, Field]) -> _Kind:
    match found:
        case tree.Number() | tree.Negative() | tree.Arithmetic():
            return "number"
        case tree.Text():
            return "text"
        case tree.Reading(name):
            return fields[name].kind
        case _:
            return "condition"


def _and(kinds: tuple[_Kind, _Kind]) -> str:
    return f"a {kinds[0]} and a {kinds[1]}"


def _joined(token: Token) -> str:
    return ": join conditions with and, or" if token.kind == "name" else ""


def _only_timeframe(words: list[Token], fields: Mapping[str, Field]) -> str | None:
    """The one timeframe that an expression names: fields without one have it too. None of none or several."""
    found = {token.text[1:-1].strip() for token in words if token.kind == "timeframe"}
    return next(iter(found)) if len(found) == 1 and found <= set(STORED) else None
