"""Indicators of one's own parameters, as the settings name them: `ema(34)`, `supertrend(10, 3)`. Pure.

A series is one such indicator: its values of a bar are one row. Its number follows from its name and the
version of its formula, so batch, stream and every process agree on it without asking.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Final

from alphapulse_assets.core.calendar_blocks import WARM_UP
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.formulas_of_state import Vwap
from alphapulse_assets.indicators.kind import Kind, Made, Parameter, Value, definitions_of
from alphapulse_assets.indicators.kinds import KINDS
from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_assets.indicators.sessions import Calendar, Every, Sessions, Since
from alphapulse_resources.names import did_you_mean

VWAP: Final = "vwap"
ANCHORS: Final[dict[str, Sessions]] = {
    "day": Every(timedelta(days=1)),
    "week": Every(timedelta(weeks=1)),
    "month": Calendar("M"),
    "year": Calendar("Y"),
}
NAMES: Final = (*KINDS, VWAP)
_WRITTEN: Final = re.compile(r"\s*([A-Za-z_]+)\s*(?:\(([^()]*)\))?\s*")
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator that the settings ask for: its name, as in `ema_34`, and what its values are."""

    name: str
    definitions: tuple[IndicatorDefinition, ...]

    @property
    def number(self) -> int:
        """What tells its rows from others', their `logic_version`.

        CRC-32 of its name and its formula's version, cut to what an integer holds.
        """
        told = f"{self.name} {self.definitions[0].formula_version}"
        return zlib.crc32(told.encode()) & _LARGEST

    @property
    def dataset(self) -> str:
        """Its name in ledgers (`derived_datasets`, `derived_dirty`, `derived_windows`)."""
        return f"indicator_series {self.name}"


def parse(written: Iterable[str]) -> tuple[Series, ...]:
    """The series that a list asks for, in its order; those that are columns of `indicators` are left out.

    Args:
        written: such as `ema(34)`; a kind without numbers has its usual ones.

    Raises:
        ValueError: an unknown kind, numbers that are too many or out of bounds, one indicator twice.
    """
    found: dict[str, Series] = {}
    numbers: dict[int, str] = {}
    for text in written:
        series = one_series(text)
        if series.name in found:
            raise ValueError(f"indicator {text.strip()!r} is there twice: leave one out")
        if all(each.name in INDICATORS for each in series.definitions):
            continue
        if (other := numbers.setdefault(series.number, series.name)) != series.name:
            raise ValueError(f"{series.name} and {other} have the same number; choose other parameters")
        found[series.name] = series
    return tuple(found.values())


def one_series(text: str) -> Series:
    """The series that one text asks for.

    Raises:
        ValueError: as `parse`, saying what was read and what there is.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"indicator {text!r} cannot be read: write a name and its numbers, as ema(34)")
    kind, inside = match[1].lower(), match[2] or ""
    given = [part.strip() for part in inside.split(",") if part.strip()]
    if kind == VWAP:
        return _vwap(text, given)
    if kind not in KINDS:
        near = did_you_mean(kind, NAMES) or f"; there are {', '.join(NAMES)}"
        raise ValueError(f"indicator {text!r}: no kind is called {kind!r}{near}")
    return _of_numbers(text, KINDS[kind], given)


def _of_numbers(text: str, kind: Kind, given: Sequence[str]) -> Series:
    """A series of a kind with numbers; those left out are the usual ones."""
    known = kind.parameters
    if len(given) > len(known):
        wanted = ", ".join(each.name for each in known)
        raise ValueError(
            f"indicator {text!r}: {kind.name} takes {wanted}, and {len(given)} numbers were given"
        )
    numbers = [_number(text, each, value) for each, value in zip(known, given, strict=False)]
    numbers += [each.usual for each in known[len(given) :]]
    try:
        made = kind.make(numbers)
    except ValueError as error:
        raise ValueError(f"indicator {text!r}: {error}") from None
    name = "_".join([kind.name, *map(_as_name, numbers)])
    parameters: dict[str, float | str] = {each.name: n for each, n in zip(known, numbers, strict=True)}
    return Series(name, _held(text, definitions_of(name, made, parameters)))


def _number(text: str, parameter: Parameter, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"indicator {text!r}: {parameter.name} is {value!r}, no number") from None
    if not isfinite(number):
        raise ValueError(f"indicator {text!r}: {parameter.name} is {value!r}, no number")
    if parameter.whole and number != int(number):
        raise ValueError(f"indicator {text!r}: {parameter.name} is {value}, and counts bars: a whole number")
    if not parameter.least <= number <= parameter.most:
        raise ValueError(
            f"indicator {text!r}: {parameter.name} is {value}, which lies outside of {parameter.least:g} to "
            f"{parameter.most:g}"
        )
    return number


def _held(text: str, definitions: tuple[IndicatorDefinition, ...]) -> tuple[IndicatorDefinition, ...]:
    """These, if the warm-up before a block is enough for them."""
    needed = max(max(each.memory or 0, each.warm_up) for each in definitions)
    if needed > WARM_UP:
        raise ValueError(
            f"indicator {text!r} remembers {needed} bars, and values are made of {WARM_UP} before a block "
            "(docs/indicators.md): choose a shorter window, or a longer timeframe"
        )
    return definitions


def _vwap(text: str, given: Sequence[str]) -> Series:
    """VWAP since an anchor: a name of ANCHORS, or a time."""
    if len(given) != 1:
        raise ValueError(
            f"indicator {text!r}: vwap takes one anchor, {', '.join(ANCHORS)} or a time such as "
            "2026-01-15T13:30"
        )
    anchor = given[0].lower()
    if anchor in ANCHORS:
        sessions, name = ANCHORS[anchor], f"{VWAP}_{anchor}"
        since = f"the start of the UTC {anchor}"
    else:
        moment = _moment(text, given[0])
        sessions = Since(moment)
        name = f"{VWAP}_{moment:%Y%m%d}" + (
            f"t{moment:%H%M}" if (moment.hour, moment.minute) != (0, 0) else ""
        )
        since = f"{moment:%Y-%m-%d %H:%M} UTC"
    told = Value(
        "", f"Volume-weighted mean of (high + low + close) / 3 since {since}", "price", 1,
        f"no volume since {since}",
    )  # fmt: skip
    source = "Berkowitz, Logue and Noser (1988); bars stand for their trades; anchored by Shannon"
    made = Made(Vwap(sessions), (told,), None, source)
    return Series(name, definitions_of(name, made, {"anchor": since}))


def _moment(text: str, written: str) -> datetime:
    """A time to the minute; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        near = did_you_mean(written.lower(), ANCHORS)
        raise ValueError(
            f"indicator {text!r}: {written!r} is no anchor{near}; there are {', '.join(ANCHORS)}, and times "
            "such as 2026-01-15T13:30 (UTC)"
        ) from None
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if utc.second or utc.microsecond:
        raise ValueError(f"indicator {text!r}: an anchor is a whole minute")
    return utc


def _as_name(number: float) -> str:
    return f"{number:g}".replace(".", "p")
