"""What a value is: its type, and how changeable it is. Pure.

Pine calls the second one the qualifier: const < input < simple < series (User Manual, Type system). None is
what is not known: nothing is said against it.
"""

from typing import Final, NamedTuple

QUALIFIERS: Final = ("const", "input", "simple", "series")
_RANK: Final = {name: rank for rank, name in enumerate(QUALIFIERS)}
NUMBERS: Final = ("int", "float")
SCALARS: Final = (*NUMBERS, "bool", "string", "color")


class Kind(NamedTuple):
    """Type and qualifier of a value; None where not known."""

    type: str | None = None
    qualifier: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.qualifier, self.type) if part) or "something unknown"


UNKNOWN: Final = Kind()
NA: Final = "na"


def most_changeable(*qualifiers: str | None) -> str | None:
    """The qualifier of what is made of values with these; unknown if one of them is."""
    known = [each for each in qualifiers if each is not None]
    if "series" in known:
        return "series"
    return None if len(known) < len(qualifiers) else max(known, key=_RANK.__getitem__, default="const")


def is_less_changeable(qualifier: str | None, most: str) -> bool:
    """Whether a value of a qualifier may be given where `most` is wanted."""
    return qualifier is None or _RANK[qualifier] <= _RANK[most]


def common_type(*types: str | None) -> str | None:
    """The type of either of several values: float of numbers, None where they do not go together."""
    if None in types or "any" in types:
        return None
    found = {each for each in types if each != NA}
    if not found:
        return NA
    if found <= set(NUMBERS):
        return "float" if "float" in found else "int"
    return found.pop() if len(found) == 1 else None


def goes_together(*types: str | None) -> bool:
    """Whether one value can be of either of these types."""
    known = {each for each in types if each not in (None, NA, "any")}
    return len(known) < 2 or known <= set(NUMBERS)


def fits(given: str | None, wanted: str | None, *, version: int = 6) -> bool:
    """Whether a value of one type may be given where another is wanted."""
    if given in (None, NA, "any") or wanted in (None, "any", "T"):
        return True
    if wanted == "number":
        return given in NUMBERS
    if wanted == "float":
        return given in NUMBERS
    if wanted == "bool" and version < 6:
        return given in ("bool", *NUMBERS)
    if wanted in SCALARS or given in SCALARS:
        return given == wanted
    return root(given) == root(wanted)


def root(name: str) -> str:
    """A type without what is in it: array of array<float>, float[] is an array too."""
    return "array" if name.endswith("[]") else name.partition("<")[0]


def within(name: str) -> str | None:
    """What an array, matrix or map has in it: float of array<float>, the value's type of a map."""
    if name.endswith("[]"):
        return name[:-2]
    _, found, rest = name.partition("<")
    return rest.removesuffix(">").rpartition(",")[2].strip() if found else None
