"""Pine's own names, read from reference.txt. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Final

from alphapulse_assets.pine.kinds import Kind

_LINE: Final = re.compile(r"(?P<name>[^(:]+?)(?P<call>\((?P<parameters>.*)\) ->|:) (?P<kind>.+)$")
_BRACES: Final = re.compile(r"\{([^}]*)\}")
TUPLE: Final = "tuple"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at a place or by a name."""

    name: str
    kind: Kind
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function, and what it gives."""

    parameters: tuple[Parameter, ...]
    gives: Kind

    def __str__(self) -> str:
        return f"({', '.join(each.name + ('?' if each.optional else '') for each in self.parameters)})"


@dataclass(frozen=True, slots=True)
class Reference:
    """All functions with their signatures, all variables and constants with their kinds, by full name."""

    functions: Mapping[str, tuple[Signature, ...]]
    values: Mapping[str, Kind]
    namespaces: frozenset[str]

    @property
    def names(self) -> set[str]:
        """Everything that has a name."""
        return {*self.functions, *self.values}


@cache
def reference() -> Reference:
    """What Pine has of its own."""
    functions: dict[str, list[Signature]] = {}
    values: dict[str, Kind] = {}
    text = files("alphapulse_assets.pine").joinpath("reference.txt").read_text()
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        read = _LINE.match(line)
        if read is None:
            raise ValueError(f"reference.txt: {line!r} is neither a function nor a value")
        kind = _kind(read["kind"])
        for name in _spelled_out(read["name"]):
            if read["parameters"] is None:
                values[name] = kind
            else:
                parameters = tuple(map(_parameter, filter(None, read["parameters"].split(", "))))
                functions.setdefault(name, []).append(Signature(parameters, kind))
    names = {*functions, *values}
    namespaces = frozenset(
        ".".join(parts[:k]) for name in names if (parts := name.split(".")) for k in range(1, len(parts))
    )
    return Reference({name: tuple(found) for name, found in functions.items()}, values, namespaces)


def _spelled_out(name: str) -> Iterator[str]:
    """The names that one with lists in braces stands for."""
    parts = _BRACES.split(name)
    for chosen in product(*(part.split(" ") if k % 2 else [part] for k, part in enumerate(parts))):
        yield "".join(chosen)


def _parameter(text: str) -> Parameter:
    name, _, kind = text.partition(": ")
    return Parameter(name.strip("*?"), _kind(kind), name.endswith("?"), name.startswith("*"))


def _kind(text: str) -> Kind:
    qualifier, _, name = text.rpartition(" ")
    return Kind(name, qualifier or "series")
