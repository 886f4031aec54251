"""What the expressions of a script are, and what is wrong with them. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from alphapulse_assets.pine.front_end import children, nodes
from alphapulse_assets.pine.kinds import (
    NA,
    NUMBERS,
    UNKNOWN,
    Kind,
    common_type,
    fits,
    goes_together,
    most_changeable,
)
from alphapulse_assets.pine.names import Names
from alphapulse_assets.pine.scopes import Scope

_COMPARING: Final = ("<", ">", "<=", ">=")


class Expressions(Names):
    """Kinds of expressions in a scope."""

    def of(self, node: object, scope: Scope) -> Kind:
        """The kind of an expression."""
        if isinstance(node, list):
            return self.body(node, scope)
        if not isinstance(node, nodes.ASTNode):
            return UNKNOWN
        self.reach(node)
        reader = _READERS.get(type(node))
        if reader is not None:
            return reader(self, node, scope)
        for child in children(node):
            self.of(child, scope)
        return UNKNOWN

    # operators ---------------------------------------------------------------------------------------------

    def literal(self, node: nodes.Literal, _: Scope) -> Kind:
        """A value that is written out."""
        return Kind(node.literal_type or None, "const")

    def nothing(self, _node: nodes.NaLiteral, _: Scope) -> Kind:
        """`na`."""
        return Kind(NA, "const")

    def two(self, node: nodes.BinaryOp, scope: Scope) -> Kind:
        """An operator between two values."""
        left, right = self.of(node.left, scope), self.of(node.right, scope)
        qualifier = most_changeable(left.qualifier, right.qualifier)
        if node.op in ("and", "or"):
            for side in (left, right):
                self.truth(side, node.op)
            return Kind("bool", qualifier)
        if node.op in ("==", "!="):
            if not goes_together(left.type, right.type):
                self.error("P303", f"a {left.type} is compared with a {right.type}", "convert one of them")
            return Kind("bool", qualifier)
        texts = node.op == "+" and "string" in (left.type, right.type)
        wanted = ("string",) if texts else NUMBERS
        for side in (left, right):
            if side.type not in (None, NA, *wanted):
                hint = "str.tostring() makes a text of it" if texts else ""
                self.error("P303", f"{node.op} does not go with a {side.type}{' and a text' * texts}", hint)
                return Kind("bool" if node.op in _COMPARING else None, qualifier)
        if node.op in _COMPARING:
            return Kind("bool", qualifier)
        if texts:
            return Kind("string", qualifier)
        if node.op == "/" and left.type == right.type == "int":
            return Kind(None, qualifier)  # taken for a whole number wherever one is wanted (length / 2)
        return Kind(common_type(left.type, right.type), qualifier)

    def one(self, node: nodes.UnaryOp, scope: Scope) -> Kind:
        """An operator before a value."""
        kind = self.of(node.operand, scope)
        if node.op == "not":
            self.truth(kind, "not")
            return Kind("bool", kind.qualifier)
        if kind.type not in (None, NA, *NUMBERS):
            self.error("P303", f"{node.op} does not go with a {kind.type}")
            return UNKNOWN
        return kind

    def truth(self, kind: Kind, what: str) -> None:
        """A condition has to be a bool."""
        if not fits(kind.type, "bool", version=self.version):
            hint = (
                "compare it with something: version 6 takes no number for a bool"
                if kind.type in NUMBERS
                else ""
            )
            self.error("P304", f"{what} wants a bool, a {kind.type} is given", hint)
        elif kind.type == NA and self.version >= 6:
            self.error("P304", f"{what} wants a bool, and a bool is never na in version 6")

    def choice(self, node: nodes.TernaryOp, scope: Scope) -> Kind:
        """condition ? one : other."""
        condition = self.of(node.condition, scope)
        self.truth(condition, "?")
        return self.either(
            "? :", condition, [self.of(node.true_expr, scope), self.of(node.false_expr, scope)]
        )

    def either(self, what: str, condition: Kind, parts: list[Kind]) -> Kind:
        """One of several values, by a condition."""
        types = [each.type for each in parts]
        if not goes_together(*types):
            told = " and a ".join(dict.fromkeys(str(each) for each in types if each not in (None, NA)))
            self.error("P305", f"{what} gives a {told}: the sides have to be of one type")
        qualifier = most_changeable(condition.qualifier, *(each.qualifier for each in parts))
        return Kind(common_type(*types), qualifier)

    def history(self, node: nodes.IndexAccess, scope: Scope) -> Kind:
        """A value some bars ago."""
        kind, back = self.of(node.object, scope), self.of(node.index, scope)
        if not fits(back.type, "number"):
            self.error("P303", f"[] wants a number of bars, a {back.type} is given")
        if isinstance(node.index, nodes.UnaryOp) and node.index.op == "-":
            self.error(
                "P402", "[] looks back; below 0 it would look ahead", "use a number of 0 or more", node
            )
        return Kind(None if kind.type == NA else kind.type, "series")

    def several(self, node: nodes.ArrayLiteral, scope: Scope) -> Kind:
        """[a, b, c]: what a function gives several of."""
        kinds = [self.of(each, scope) for each in node.elements]
        return Kind(f"tuple{len(kinds)}", most_changeable(*(each.qualifier for each in kinds)))

    def when(self, node: nodes.IfExpression, scope: Scope) -> Kind:
        """An if that gives a value."""
        condition = self.of(node.condition, scope)
        self.truth(condition, "if")
        parts = [
            self.block(each, scope, "an if block")
            for each in (node.true_expr, node.false_expr)
            if each is not None
        ]
        return self.either("if", condition, parts)

    def switch(self, node: nodes.SwitchExpression, scope: Scope) -> Kind:
        """A switch that gives a value."""
        subject = UNKNOWN if node.expr is None else self.of(node.expr, scope)
        parts = []
        for case, value in node.cases:
            kind = self.of(case, scope)
            if node.expr is None:
                self.truth(kind, "switch")
            elif not goes_together(kind.type, subject.type):
                self.error("P303", f"a {subject.type} is compared with a {kind.type}")
            parts.append(self.block(value, scope, "a switch"))
        if node.default is not None:
            parts.append(self.block(node.default, scope, "a switch"))
        return self.either("switch", Kind("bool", "series"), parts)

    def block(self, body: object, scope: Scope, inside: str) -> Kind:
        """A block of its own: what its last line gives."""
        return self.of(body, Scope(scope, inside))


_READERS: Final[Mapping[type, Callable[..., Kind]]] = {
    nodes.Identifier: Expressions.name,
    nodes.MemberAccess: Expressions.member,
    nodes.FunctionCall: Expressions.call,
    nodes.MethodCall: Expressions.method,
    nodes.Literal: Expressions.literal,
    nodes.NaLiteral: Expressions.nothing,
    nodes.BinaryOp: Expressions.two,
    nodes.UnaryOp: Expressions.one,
    nodes.TernaryOp: Expressions.choice,
    nodes.IndexAccess: Expressions.history,
    nodes.ArrayLiteral: Expressions.several,
    nodes.IfExpression: Expressions.when,
    nodes.SwitchExpression: Expressions.switch,
}
