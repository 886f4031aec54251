"""What names and calls are: variables, fields, Pine's functions, the script's, methods. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from alphapulse_assets.pine.calls import checked_call
from alphapulse_assets.pine.diagnostics import Diagnostic, Severity
from alphapulse_assets.pine.front_end import nodes
from alphapulse_assets.pine.kinds import (
    NA,
    UNKNOWN,
    Kind,
    common_type,
    root,
    within,
)
from alphapulse_assets.pine.reference import Reference, Signature, reference
from alphapulse_assets.pine.scopes import Declared, Scope, constructor

_WITH_METHODS: Final = ("array", "matrix", "map", "label", "line", "box", "table", "linefill", "polyline")
_GLOBAL_ONLY: Final = frozenset(
    (
        *("plot", "plotshape", "plotchar", "plotarrow", "plotbar", "plotcandle", "hline", "fill", "bgcolor"),
        *("barcolor", "alertcondition", "indicator", "strategy", "library"),
    )
)
"""What may be called in the script itself only (User Manual, error CE10156 and others)."""


class Names(ABC):
    """Kinds of names and calls in a scope; findings are told to `tell`."""

    def __init__(self, version: int, declared: Declared, tell: Callable[[Diagnostic], None]) -> None:
        self.version = version
        self.declared = declared
        self.known: Reference = reference()
        self.calls: list[str] = []  # every built-in that is called, in order
        self._tell = tell
        self._at = (0, 0)
        self.body: Callable[[object, Scope], Kind] = lambda *_: UNKNOWN  # of blocks, set by `validating`

    def error(self, code: str, message: str, hint: str = "", node: nodes.ASTNode | None = None) -> None:
        """A finding at a node, or at the last place that was known."""
        line, column = (node.line, node.column) if node is not None and node.line else self._at
        self._tell(Diagnostic(line, column, Severity.ERROR, code, message, hint))

    def warn(self, code: str, message: str, hint: str = "") -> None:
        """A finding that does not keep a script from running."""
        self._tell(Diagnostic(*self._at, Severity.WARNING, code, message, hint))

    def reach(self, node: nodes.ASTNode) -> None:
        """Remember where the script is read."""
        if node.line:
            self._at = (node.line, node.column)

    @abstractmethod
    def of(self, node: object, scope: Scope) -> Kind:
        """The kind of an expression."""

    # names -------------------------------------------------------------------------------------------------

    def name(self, node: nodes.Identifier, scope: Scope) -> Kind:
        """A variable, a constant, or a field of one."""
        head, *rest = node.name.split(".")
        found = scope.find(head)
        if found is not None:
            return self._field(node, found, rest)
        if node.name in self.known.values:
            kind = self.known.values[node.name]
            return Kind(None if kind.type == "any" else kind.type, kind.qualifier)
        if head in self.declared.enums and len(rest) == 1:
            if rest[0] not in self.declared.enums[head]:
                self._unknown(node, node.name, {f"{head}.{each}" for each in self.declared.enums[head]})
            return Kind(head, "const")
        if head in self.declared.aliases or head in self.declared.functions or head in self.declared.fields:
            return UNKNOWN
        if node.name in self.known.functions:
            self.error("P107", f"{node.name} is a function: it is called with ()", node=node)
            return UNKNOWN
        self._unknown(node, node.name, self._visible(scope))
        return UNKNOWN

    def _visible(self, scope: Scope) -> set[str]:
        found = {*self.known.values}
        place: Scope | None = scope
        while place is not None:
            found |= place.names.keys()
            place = place.around
        return found

    def _unknown(self, node: nodes.ASTNode, name: str, among: set[str], what: str = "name") -> None:
        near = get_close_matches(name, among, 1, 0.75)
        namespace = name.rpartition(".")[0]
        code = "P103" if namespace in self.known.namespaces else "P101" if what == "name" else "P102"
        hint = f"did you mean {near[0]}?" if near else "declare it before it is used"
        self.error(code, f"there is no {what} {name}", hint, node)

    def _field(self, node: nodes.ASTNode, kind: Kind, path: list[str]) -> Kind:
        for name in path:
            of = None if kind.type is None else root(kind.type)
            if of == "chart.point":
                return Kind({"index": "int", "time": "int", "price": "float"}.get(name), "series")
            if of not in self.declared.fields:
                return UNKNOWN
            fields = self.declared.fields[of]
            if name not in fields:
                near = get_close_matches(name, fields, 1)
                hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(fields)}"
                self.error("P103", f"{of} has no field {name}", hint, node)
                return UNKNOWN
            kind = Kind(fields[name].type, "series")
        return kind

    def member(self, node: nodes.MemberAccess, scope: Scope) -> Kind:
        """A field of what an expression gives."""
        if isinstance(node.object, str):
            return self.name(nodes.Identifier(node.line, node.column, f"{node.object}.{node.member}"), scope)
        return self._field(node, self.of(node.object, scope), node.member.split("."))

    # calls -------------------------------------------------------------------------------------------------

    def call(self, node: nodes.FunctionCall, scope: Scope) -> Kind:
        """A call by name: of Pine's functions, the script's, a type's constructor, or a method."""
        if not isinstance(node.func, str):
            if isinstance(node.func, nodes.MemberAccess):
                method = nodes.MethodCall(
                    node.line, node.column, node.func.object, node.func.member, node.args, node.kwargs
                )
                return self.method(method, scope)
            return UNKNOWN
        given = [self.of(each, scope) for each in node.args]
        named = {name: self.of(each, scope) for name, each in node.kwargs.items()}
        self.reach(node)
        name, held = node.func.partition("<")[0], node.func.partition("<")[2].removesuffix(">")
        head, _, last = name.rpartition(".")
        variable = scope.find(name.partition(".")[0])
        if variable is not None and head:
            return self._method(node, self._field(node, variable, head.split(".")[1:]), last, given, named)
        if name in self.declared.functions:
            return self._checked(node, name, self.declared.functions[name], given, named)
        if head in self.declared.fields and last in ("new", "copy"):
            return self._made(node, head, last, given, named)
        if name in self.known.functions:
            return self._built_in(node, name, held, given, named, scope)
        if name.partition(".")[0] in self.declared.aliases:
            return UNKNOWN
        if head in self.known.values:
            return self._method(node, self.known.values[head], last, given, named)
        self._unknown(node, name, {*self.known.functions, *self.declared.functions}, "function")
        return UNKNOWN

    def _made(
        self, node: nodes.FunctionCall, name: str, how: str, given: list[Kind], named: Mapping[str, Kind]
    ) -> Kind:
        if how == "new":
            made = constructor(self.declared.fields[name], name)
            self._checked(node, f"{name}.new", [made], given, named)
        return Kind(name, "series")

    def _built_in(
        self,
        node: nodes.FunctionCall,
        name: str,
        held: str,
        given: list[Kind],
        named: Mapping[str, Kind],
        scope: Scope,
    ) -> Kind:
        self.calls.append(name)
        if name in _GLOBAL_ONLY and (where := scope.where):
            self.error("P401", f"{name} may not be called in {where}", "call it in the script itself", node)
        kind = self._checked(node, name, self.known.functions[name], given, named)
        if name in ("array.new", "matrix.new", "map.new") and held:
            return Kind(f"{name.partition('.')[0]}<{held}>", "series")
        if name.startswith("array.new_"):
            return Kind(f"array<{name.removeprefix('array.new_')}>", "series")
        if name == "array.from" and given:
            return Kind(f"array<{common_type(*(each.type for each in given)) or 'any'}>", "series")
        if name in ("array.get", "array.pop", "array.first", "array.last", "array.shift") and given:
            return Kind(within(given[0].type or ""), "series")
        return kind

    def _checked(
        self,
        node: nodes.ASTNode,
        name: str,
        signatures: list[Signature] | tuple[Signature, ...],
        given: list[Kind],
        named: Mapping[str, Kind],
    ) -> Kind:
        faults, kind = checked_call(name, signatures, given, named, self.version)
        for code, message, hint in faults:
            self.error(code, message, hint, node)
        return kind

    def method(self, node: nodes.MethodCall, scope: Scope) -> Kind:
        """A call as `value.method(...)`."""
        of = self.of(node.object, scope)
        given = [self.of(each, scope) for each in node.args]
        named = {name: self.of(each, scope) for name, each in node.kwargs.items()}
        self.reach(node)
        return self._method(node, of, node.method, given, named)

    def _method(
        self, node: nodes.ASTNode, of: Kind, name: str, given: list[Kind], named: Mapping[str, Kind]
    ) -> Kind:
        kind = None if of.type is None else root(of.type)
        if kind in _WITH_METHODS and (signatures := self.known.functions.get(f"{kind}.{name}")):
            found = self._checked(node, f"{kind}.{name}", signatures, [of, *given], named)
            if kind == "array" and name in ("get", "pop", "first", "last", "shift"):
                return Kind(within(of.type or ""), "series")
            return found
        if name in self.declared.methods:
            return self._checked(node, name, self.declared.methods[name], [of, *given], named)
        if name == "copy" and kind in self.declared.fields:
            return of
        anywhere = any(f"{each}.{name}" in self.known.functions for each in _WITH_METHODS)
        if kind in (None, NA) and anywhere:
            return UNKNOWN
        among = {each.rpartition(".")[2] for each in self.known.functions if each.startswith(f"{kind}.")}
        self._unknown(node, name, among | self.declared.methods.keys(), f"method of {kind or 'this value'}")
        return UNKNOWN
