"""Arguments held against the signatures of a function. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from alphapulse_assets.pine.kinds import (
    NA,
    UNKNOWN,
    Kind,
    common_type,
    fits,
    is_less_changeable,
    most_changeable,
)
from alphapulse_assets.pine.reference import Parameter, Signature

Fault = tuple[str, str, str]
"""Code, message, hint."""
_GONE: Final = {
    ("strategy.entry", "when"): "put the call into an if block",
    ("strategy.order", "when"): "put the call into an if block",
    ("strategy.exit", "when"): "put the call into an if block",
    ("strategy.close", "when"): "put the call into an if block",
    ("strategy.close_all", "when"): "put the call into an if block",
}
"""Arguments that version 6 took away (migration guide to version 6), and what to do."""


def checked_call(
    name: str,
    signatures: Sequence[Signature],
    given: Sequence[Kind],
    named: Mapping[str, Kind],
    version: int,
) -> tuple[list[Fault], Kind]:
    """What is wrong with a call by the signature that it fits best, and what the call gives."""
    best: list[Fault] | None = None
    for signature in signatures:
        faults = list(_faults(name, signature, given, named, version))
        if not faults:
            return [], gives(signature, given, named)
        if best is None or len(faults) < len(best):
            best = faults
    return best or [], gives(signatures[0], given, named)


def _faults(
    name: str, signature: Signature, given: Sequence[Kind], named: Mapping[str, Kind], version: int
) -> Iterator[Fault]:
    parameters = signature.parameters
    taken: dict[str, Kind] = {}
    repeated = parameters[-1] if parameters and parameters[-1].repeated else None
    plain = parameters[:-1] if repeated else parameters
    if len(given) > len(plain) and repeated is None:
        yield (
            "P202",
            f"{name} takes {len(plain)} arguments at most, {len(given)} are given",
            _called(name, signature),
        )
    for parameter, kind in zip(plain, given, strict=False):
        taken[parameter.name] = kind
        yield from _fault(name, parameter, kind, version)
    if repeated is not None:
        for kind in given[len(plain) :]:
            yield from _fault(name, repeated, kind, version)
    known = {each.name: each for each in parameters}
    for argument, kind in named.items():
        if argument in taken:
            yield "P204", f"{name} is given {argument} twice", "once by its place and once by its name"
        elif argument in known:
            taken[argument] = kind
            yield from _fault(name, known[argument], kind, version)
        elif repeated is None:
            yield _unknown(name, argument, known, version)
    missing = [each.name for each in plain if not each.optional and each.name not in taken]
    if missing:
        yield "P201", f"{name} needs {' and '.join(missing)}", _called(name, signature)
    elif repeated is not None and not repeated.optional and not plain and not given and not named:
        yield "P201", f"{name} needs something to work on", _called(name, signature)


def _unknown(name: str, argument: str, known: Mapping[str, Parameter], version: int) -> Fault:
    if version >= 6 and (name, argument) in _GONE:
        return "P203", f"{name} has no {argument} in version 6", _GONE[name, argument]
    if argument == "transp":
        return "P203", f"{name} has no transp since version 5", "use color.new(color, transparency)"
    near = get_close_matches(argument, known, 1)
    return "P203", f"{name} has no argument {argument}", f"did you mean {near[0]}?" if near else ""


def _fault(name: str, parameter: Parameter, kind: Kind, version: int) -> Iterator[Fault]:
    wanted = parameter.kind
    what = f"{parameter.name} of {name}"
    if not fits(kind.type, wanted.type, version=version):
        hint = (
            "compare it with something: version 6 takes no number for a bool" if wanted.type == "bool" else ""
        )
        yield "P301", f"{what} is {_a(wanted.type)}, {_a(kind.type)} is given", hint
    elif wanted.qualifier and not is_less_changeable(kind.qualifier, wanted.qualifier):
        hint = f"it has to be known {_WHEN[wanted.qualifier]}"
        yield "P302", f"{what} is {wanted.qualifier} at most, a {kind.qualifier} value is given", hint


_WHEN: Final = {
    "const": "when the script is compiled: write the value itself",
    "input": "before the script runs: write the value itself or make it an input",
    "simple": "at the first bar: it may not change from bar to bar",
}


def _a(name: str | None) -> str:
    return {None: "something", "number": "a number", "int": "an int"}.get(name, f"a {name}")


def _called(name: str, signature: Signature) -> str:
    return f"it is called as {name}{signature}"


def gives(signature: Signature, given: Sequence[Kind], named: Mapping[str, Kind]) -> Kind:
    """What a call gives: never less changeable than what goes in."""
    made = signature.gives
    if made == UNKNOWN:
        return UNKNOWN
    arguments = [*given, *named.values()]
    qualifier = made.qualifier
    if qualifier != "series":
        qualifier = most_changeable(qualifier, *(each.qualifier for each in arguments))
    name = made.type
    if name == "T":
        name = _same(signature, given, named)
    return Kind(None if name == "any" else name, qualifier)


_HANDED_THROUGH: Final = ("expression", "source", "defval")


def _same(signature: Signature, given: Sequence[Kind], named: Mapping[str, Kind]) -> str | None:
    """The type of what is handed through, or that of all numbers together."""
    for place, parameter in enumerate(signature.parameters):
        if parameter.name in _HANDED_THROUGH:
            kind = given[place] if place < len(given) else named.get(parameter.name, UNKNOWN)
            return None if kind.type == NA else kind.type
    return common_type(*(each.type for each in [*given, *named.values()]))
