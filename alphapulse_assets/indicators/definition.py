"""What an indicator is: name, formula, version, warm-up, memory, source. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alphapulse_assets.indicators.formulas import Formula


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """One value of a bar: a column of INDICATOR_SCHEMA, or a value of a series that the settings ask for.

    `warm_up`: bars needed for the first value; rows before it are null. `memory`: bars after which, on
    ordinary bars, it no longer shows at 1e-9 relative where a computation began; None for what starts again
    with each block or session. `undefined`: when a value is null after the warm-up, empty if never.
    """

    name: str
    function: Formula
    output: int
    parameters: Mapping[str, float | str]
    formula_version: int
    warm_up: int
    memory: int | None
    description: str
    source: str
    unit: str
    undefined: str = field(default="")


def formulas_of(definitions: Iterable[IndicatorDefinition]) -> dict[Formula, list[tuple[str, int]]]:
    """What has to be computed for some indicators: each formula once, with (name, output) of its columns."""
    found: dict[Formula, list[tuple[str, int]]] = {}
    for wanted in definitions:
        found.setdefault(wanted.function, []).append((wanted.name, wanted.output))
    return found
