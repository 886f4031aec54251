"""A whole script held against the language: `check` gives all that is wrong with it. Pure."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from alphapulse_assets.pine.advice import advice, unsupported
from alphapulse_assets.pine.calls import checked_call
from alphapulse_assets.pine.diagnostics import Diagnostic, Severity
from alphapulse_assets.pine.expressions import Expressions
from alphapulse_assets.pine.front_end import every, nodes, parse, version_of
from alphapulse_assets.pine.kinds import NA, SCALARS, UNKNOWN, Kind, fits, within
from alphapulse_assets.pine.reference import reference
from alphapulse_assets.pine.scopes import Declared, Scope, hinted, signature_of

VERSIONS: Final = (5, 6)
_OUTPUTS: Final = frozenset(
    (
        *("plot", "plotshape", "plotchar", "plotarrow", "plotbar", "plotcandle", "hline", "fill", "bgcolor"),
        *("barcolor", "alertcondition", "alert", "label.new", "line.new", "box.new", "table.new"),
        *("polyline.new", "log.info"),
        *("strategy.entry", "strategy.order", "strategy.exit", "strategy.close", "strategy.close_all"),
    )
)
_OLDER: Final = {
    1: "study() is indicator(), and most functions have moved into namespaces",
    2: "study() is indicator(), and most functions have moved into namespaces",
    3: "study() is indicator(); security() is request.security(); colours are color.red",
    4: "study() is indicator(); functions have moved into ta., math., str., request., input.",
}


def check(source: str) -> list[Diagnostic]:
    """What is wrong with a script, by place; empty where nothing is.

    Errors keep it from running; warnings say where its past may not be what it would have been.
    """
    if not source.strip():
        return [
            _whole("P003", "the script is empty", "begin with //@version=6 and indicator() or strategy()")
        ]
    version = version_of(source)
    if version not in VERSIONS:
        return [_version(version)]
    parsed = parse(source)
    if parsed.script is None:
        return sorted(set(parsed.diagnostics))
    found = set(parsed.diagnostics)
    reader = _Reader(version, found)
    reader.declared.constants |= parsed.constants
    reader.read(parsed.script)
    found |= {*advice(parsed.script), *unsupported(parsed.script)}
    return sorted(found)


def _whole(code: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(0, 0, Severity.ERROR, code, message, hint)


def _version(version: int | None) -> Diagnostic:
    if version is None:
        return _whole("P002", "the script does not say its version", "write //@version=6 in its first line")
    if version > max(VERSIONS):
        return _whole("P002", f"version {version} is not known", "versions 5 and 6 are read")
    hint = _OLDER.get(version, _OLDER[1])
    return _whole(
        "P002",
        f"version {version} is not read, 5 and 6 are",
        f"TradingView's editor converts it; in short: {hint}",
    )


class _Reader:
    """Reads a script from its first line to its last: what is used has to be declared before."""

    def __init__(self, version: int, found: set[Diagnostic]) -> None:
        self.declared = Declared()
        self.says = Expressions(version, self.declared, found.add)
        self.says.body = self.block

    def read(self, script: nodes.Script) -> None:
        """All of it."""
        self.declared.aliases = {each.alias or each.library for each in script.imports}
        self.declared.reassigned = {
            each.target.partition(".")[0] for each in every(script) if isinstance(each, nodes.Reassignment)
        }
        top = Scope()
        parts = sorted([*script.declarations, *script.body], key=lambda each: (each.line, each.column))
        self._declaration(script, top)
        for each in parts:
            self.statement(each, top)
        self._outputs(script)

    def _declaration(self, script: nodes.Script, top: Scope) -> None:
        made = script.script_decl
        if made is None:
            self.says.error(
                "P003", "there is no indicator(), strategy() or library()", "it is a script's first call"
            )
            return
        self.says.reach(made)
        name = type(made).__name__.removesuffix("Decl").lower()
        named = {key: self.says.of(value, top) for key, value in made.kwargs.items()}
        title = [] if made.title in (None, "") or "title" in named else [Kind("string", "const")]
        faults, _ = checked_call(name, reference().functions[name], title, named, self.says.version)
        for code, message, hint in faults:
            self.says.error(code, message, hint)

    def _outputs(self, script: nodes.Script) -> None:
        calls = self.says.calls
        if isinstance(script.script_decl, nodes.LibraryDecl):
            return
        if isinstance(script.script_decl, nodes.IndicatorDecl):
            orders = [each for each in calls if each.startswith("strategy.") and each in _OUTPUTS]
            if orders:
                self.says.error("P403", f"{orders[0]} in an indicator", "declare the script as strategy()")
        if script.script_decl is not None and not _OUTPUTS & set(calls) and not self.declared.aliases:
            self.says.error("P404", "nothing comes out of the script", "plot something, or place an order")

    # statements --------------------------------------------------------------------------------------------

    def block(self, body: object, scope: Scope) -> Kind:
        """The statements of a block: what the last one gives."""
        kind = UNKNOWN
        for each in body if isinstance(body, Sequence) else ():
            kind = self.statement(each, scope)
        return kind

    def statement(self, node: nodes.ASTNode, scope: Scope) -> Kind:
        """A statement; what it gives where it is a block's last one."""
        self.says.reach(node)
        if isinstance(node, nodes.ExpressionStatement | nodes.ReturnStatement):
            return self.says.of(node.expr, scope)
        if isinstance(node, nodes.InputDecl):
            call = nodes.FunctionCall(node.line, node.column, node.func, node.args, node.kwargs)
            return self._declared(node.name, None, self.says.of(call, scope), scope)
        if isinstance(node, nodes.VarDecl | nodes.VaripDecl):
            kind = self.says.of(node.value, scope)
            return self._declared(node.name, node.type_hint, Kind(kind.type, None), scope)
        if isinstance(node, nodes.Assignment):
            return self._assigned(node, scope)
        if isinstance(node, nodes.Reassignment):
            return self._changed(node, scope)
        if isinstance(node, nodes.FuncDecl):
            return self._function(node, scope)
        if isinstance(node, nodes.TypeDecl | nodes.EnumDecl):
            return self._type(node, scope)
        return self._flow(node, scope)

    def _assigned(self, node: nodes.Assignment, scope: Scope) -> Kind:
        kind = self.says.of(node.value, scope)
        if not isinstance(node.target, nodes.TupleDestructure):
            return self._declared(node.target, node.type_hint, kind, scope)
        names = node.target.names
        several = (kind.type or "").removeprefix("tuple")
        size = int(several) if several.isdigit() else None
        if size is not None and size != len(names):
            self.says.error(
                "P306", f"{len(names)} names for {size} values", "name all of them; _ for one not needed"
            )
        elif kind.type is not None and not kind.type.startswith("tuple") and kind.type != "any":
            self.says.error("P306", f"{len(names)} names for one {kind.type}")
        for name in names:
            scope.names[name] = Kind(None, "series")
        return kind

    def _declared(self, name: str, hint: str | None, kind: Kind, scope: Scope) -> Kind:
        told = hinted(hint)
        self._type_is_known(told)
        if told.type and not fits(kind.type, told.type, version=self.says.version):
            self.says.error("P301", f"{name} is declared as {told.type}, a {kind.type} is given")
        if kind.type == "void":
            self.says.error("P301", f"{name} is given nothing: what is called gives no value")
        if kind.type == NA and told.type is None:
            self.says.error(
                "P307", f"{name} is na: of which type?", f"write float {name} = na, or another type"
            )
        qualifier = "series" if name in self.declared.reassigned else (told.qualifier or kind.qualifier)
        scope.names[name] = Kind(told.type or (None if kind.type == NA else kind.type), qualifier)
        return scope.names[name]

    def _type_is_known(self, kind: Kind) -> None:
        if kind.type is not None and not self.declared.knows(kind.type):
            near = get_close_matches(kind.type, [*SCALARS, *self.declared.fields, *self.declared.enums], 1)
            self.says.error(
                "P101", f"there is no type {kind.type}", f"did you mean {near[0]}?" if near else ""
            )

    def _changed(self, node: nodes.Reassignment, scope: Scope) -> Kind:
        kind = self.says.of(node.value, scope)
        self.says.reach(node)
        head = node.target.partition(".")[0]
        found = scope.find(head)
        if found is None:
            known = head in reference().values or head in reference().namespaces
            told = "is Pine's own and cannot be changed" if known else "is changed before it is declared"
            self.says.error("P104", f"{head} {told}", "" if known else f"declare it: var {head} = ...")
            return kind
        if head in self.declared.constants:
            self.says.error(
                "P104", f"{head} is declared as const and cannot be changed", "declare it without const"
            )
        before = self.says.name(nodes.Identifier(node.line, node.column, node.target), scope)
        if not fits(kind.type, before.type, version=self.says.version):
            self.says.error("P301", f"{node.target} is a {before.type}, a {kind.type} is given")
        return kind

    def _function(self, node: nodes.FuncDecl, scope: Scope) -> Kind:
        signature = signature_of(node)
        inner = Scope(scope, "a function")
        for parameter, each in zip(node.params, signature.parameters, strict=True):
            self._type_is_known(hinted(parameter.type_hint))
            if parameter.default is not None:
                self.says.of(parameter.default, scope)
            kind = None if each.kind.type == "any" else each.kind.type
            inner.names[parameter.name] = Kind(kind, hinted(parameter.type_hint).qualifier)
        made = self.says.of(node.body, inner)
        signature = type(signature)(signature.parameters, Kind(made.type, None))
        names = self.declared.methods if node.is_method else self.declared.functions
        names.setdefault(node.name, []).append(signature)
        if node.is_method:
            self.declared.functions.setdefault(node.name, []).append(signature)
        return UNKNOWN

    def _type(self, node: nodes.TypeDecl | nodes.EnumDecl, scope: Scope) -> Kind:
        if isinstance(node, nodes.EnumDecl):
            names = [each if isinstance(each, str) else each[0] for each in node.members]
            self.declared.enums[node.name] = frozenset(names)
            return UNKNOWN
        self.declared.fields[node.name] = {each[0]: hinted(each[1]) for each in node.fields}
        for name, hint, *default in node.fields:
            kind = self.says.of(default[0], scope) if default else UNKNOWN
            if not fits(kind.type, hinted(hint).type, version=self.says.version):
                self.says.error("P301", f"{node.name}.{name} is declared as {hint}, a {kind.type} is given")
        return UNKNOWN

    def _flow(self, node: nodes.ASTNode, scope: Scope) -> Kind:
        if isinstance(node, nodes.IfStatement):
            branches = [(node.condition, node.body), *node.elseifs]
            for condition, body in branches:
                self.says.truth(self.says.of(condition, scope), "if")
                self.says.block(body, scope, "an if block")
            if node.else_body is not None:
                self.says.block(node.else_body, scope, "an if block")
            return UNKNOWN
        if isinstance(node, nodes.SwitchStatement):
            return self.says.switch(
                nodes.SwitchExpression(node.line, node.column, node.expr, node.cases, node.default), scope
            )
        if isinstance(node, nodes.ForLoop):
            for each in (node.from_val, node.to_val, node.step):
                if each is not None and not fits(self.says.of(each, scope).type, "number"):
                    self.says.error("P301", "a loop counts with numbers")
            return self._loop(node.body, scope, {node.var: Kind("int", "series")})
        if isinstance(node, nodes.ForInLoop):
            held = within(self.says.of(node.iterable, scope).type or "")
            names = {name: Kind(None, "series") for name in node.vars}
            names[node.vars[-1]] = Kind(held, "series")
            return self._loop(node.body, scope, names)
        if isinstance(node, nodes.WhileLoop):
            self.says.truth(self.says.of(node.condition, scope), "while")
            return self._loop(node.body, scope, {})
        if isinstance(node, nodes.BreakStatement | nodes.ContinueStatement):
            if not scope.in_loop:
                word = type(node).__name__.removesuffix("Statement").lower()
                self.says.error("P405", f"{word} outside a loop", node=node)
            return UNKNOWN
        return self.says.of(node, scope)

    def _loop(self, body: object, scope: Scope, names: dict[str, Kind]) -> Kind:
        return self.block(body, Scope(scope, "a loop", dict(names), loop=True))
