"""What a script has declared, and where it can be seen. Pure."""

from dataclasses import dataclass, field
from typing import Final

from alphapulse_assets.pine.front_end import nodes
from alphapulse_assets.pine.kinds import UNKNOWN, Kind
from alphapulse_assets.pine.reference import Parameter, Signature


@dataclass(slots=True)
class Scope:
    """Variables of a block, in the block around it."""

    around: "Scope | None" = None
    inside: str = ""  # what it is the block of: "a function", "an if block"; empty: the script itself
    names: dict[str, Kind] = field(default_factory=dict)
    loop: bool = False

    def find(self, name: str) -> Kind | None:
        """What a name is here, None if it is not declared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.around
        return None

    @property
    def in_loop(self) -> bool:
        """Whether a loop is around."""
        return self.loop or (self.around is not None and self.around.in_loop)

    @property
    def where(self) -> str:
        """The innermost block that has a name; empty in the script itself."""
        return self.inside or (self.around.where if self.around is not None else "")


@dataclass(slots=True)
class Declared:
    """Functions, methods and types of a script, by name."""

    functions: dict[str, list[Signature]] = field(default_factory=dict)
    methods: dict[str, list[Signature]] = field(default_factory=dict)
    fields: dict[str, dict[str, Kind]] = field(default_factory=dict)  # of types, by type
    enums: dict[str, frozenset[str]] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)  # of imports
    reassigned: set[str] = field(default_factory=set)  # variables that change after their declaration
    constants: set[str] = field(default_factory=set)  # variables that are declared as const

    def knows(self, type_: str) -> bool:
        """Whether a type of this name can be declared."""
        if type_.endswith("[]"):
            return self.knows(type_[:-2])
        outer, held, rest = type_.partition("<")
        if held:
            return outer in _CONTAINERS and all(self.knows(each.strip()) for each in rest[:-1].split(",", 1))
        known = outer in _TYPES or outer in self.fields or outer in self.enums
        return known or outer.partition(".")[0] in self.aliases


_CONTAINERS: Final = {"array", "matrix", "map"}
_TYPES: Final = {
    *("int", "float", "bool", "string", "color", "line", "label", "box", "table", "linefill", "polyline"),
    *("chart.point", "plot", "hline", "footprint", "volume_row", *_CONTAINERS),
}
_HINTS: Final = {"simple", "const", "input", "series"}


def hinted(text: str | None) -> Kind:
    """The kind that a declaration names: `simple int`, `array<float>`, `float`."""
    if not text:
        return UNKNOWN
    first, _, rest = text.strip().partition(" ")
    if first in _HINTS and rest:
        return Kind(rest.strip(), first)
    return Kind(text.strip(), None)


def signature_of(function: nodes.FuncDecl) -> Signature:
    """How a function of the script is called; what it gives is told once its body was read."""
    told = [(each, hinted(each.type_hint)) for each in function.params]
    parameters = tuple(
        Parameter(each.name, Kind(kind.type or "any", kind.qualifier or "series"), each.default is not None)
        for each, kind in told
    )
    return Signature(parameters, UNKNOWN)


def constructor(fields: dict[str, Kind], name: str) -> Signature:
    """How a value of a type is made: every field may be left out."""
    taken = tuple(
        Parameter(field, Kind(kind.type or "any", "series"), True) for field, kind in fields.items()
    )
    return Signature(taken, Kind(name, "series"))
