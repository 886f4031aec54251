"""What a kind of indicators is: its parameters, and what it makes of their numbers. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from alphapulse_assets.core.calendar_blocks import WARM_UP
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.formulas import Formula

Numbers: TypeAlias = Sequence[float]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a kind: what follows the name (empty: nothing), what it is, in which unit, from which bar.

    `bars`: bars needed for the first value.
    """

    suffix: str
    description: str
    unit: str
    bars: int
    undefined: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What a kind makes of its numbers: the formula, and a value for each of its outputs that is told."""

    formula: Formula
    values: Sequence[Value]
    memory: int | None
    source: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a kind: its name, the usual one, its bounds, and whether it is a count of bars."""

    name: str
    usual: float
    least: float = 2
    most: float = WARM_UP
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of indicators.

    `make` takes the numbers in the order of `parameters`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Numbers], Made]
    about: str


def definitions_of(
    name: str, made: Made, parameters: dict[str, float | str]
) -> tuple[IndicatorDefinition, ...]:
    """The definitions of what was made, named `name` and `name_<suffix>`."""
    return tuple(
        IndicatorDefinition(
            f"{name}_{value.suffix}" if value.suffix else name,
            made.formula,
            output,
            parameters,
            made.version,
            value.bars,
            made.memory,
            value.description,
            made.source,
            value.unit,
            value.undefined,
        )
        for output, value in enumerate(made.values)
    )
