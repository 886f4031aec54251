"""Which instruments the figures of patterns are made of: no market counts twice. Pure.

Every instrument counts whose patterns have outcomes, tracked or not. One that is known by its files only (a
venue name that is none of ours) does not count where another of the same symbol has bars of that timeframe
in the same time: it would be the same prices once more. Those of our venues come first, then the instruments
that were known first.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple


class Outcomes(NamedTuple):
    """Of which bars (open times, half-open) an instrument's patterns have outcomes."""

    instrument_id: int
    venue: str
    symbol: str
    timeframe: str
    first: datetime
    until: datetime


def judged(known: Iterable[Outcomes], venues: Collection[str]) -> Mapping[str, list[int]]:
    """By timeframe, the instruments that count, in the order of their keys. `venues`: those of ours."""
    counted: dict[tuple[str, str], list[Outcomes]] = {}
    for each in sorted(known, key=lambda each: (each.venue not in venues, each.instrument_id)):
        beside = counted.setdefault((each.timeframe, each.symbol), [])
        if each.venue in venues or not any(_together(each, other) for other in beside):
            beside.append(each)
    found: dict[str, list[int]] = {}
    for (timeframe, _), markets in counted.items():
        found.setdefault(timeframe, []).extend(each.instrument_id for each in markets)
    return {timeframe: sorted(keys) for timeframe, keys in found.items()}


def _together(one: Outcomes, other: Outcomes) -> bool:
    return one.first < other.until and other.first < one.until
