"""What the kernel found, as rows: the same numbers, the same text, whether one bar is told or a year."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import repeat
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import polars as pl

from alphapulse_assets.volume import kernels
from alphapulse_assets.volume.definitions import (
    DIRECTIONS,
    KINDS,
    MEASURES,
    PARTS,
    STRENGTHS,
    VOLUME_CATALOGUE,
    VOLUME_PATTERN_SCHEMA,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES: Final = tuple(VOLUME_CATALOGUE)
MICROSECOND: Final = timedelta(microseconds=1)


class VolumePattern(NamedTuple):
    """One row of `VOLUME_PATTERN_SCHEMA`."""

    ts: datetime
    pattern: str
    direction: str
    strength: str
    confidence: float
    volume_ratio: float | None
    price_change: float
    detail: str
    known_at: datetime


def _struct(name: str, columns: Sequence[str]) -> type[msgspec.Struct]:
    return msgspec.defstruct(name, [(column, Any) for column in columns], gc=False)


_DETAILS: Final = [_struct("Detail", ("kind", "confidence_parts", "atr", *MEASURES[name])) for name in _NAMES]
_FAKE_OUT_DETAIL: Final = _struct(
    "Detail", ("kind", "confidence_parts", "atr", *MEASURES["fake_out"], "breakout_ts")
)
_PART_STRUCTS: Final = [_struct("Parts", ("continuity", *PARTS[name])) for name in _NAMES]
_ENDS: Final = [kernels.MEASURES + len(MEASURES[name]) for name in _NAMES]
_json: Final = msgspec.json.Encoder()


def details(events: kernels.Floats, times: kernels.Times) -> list[str]:
    """The JSON texts of events, keys always in the same order; nan and inf are null."""
    numbers = events[:, kernels.PATTERN].astype(np.int64)
    shown: list[msgspec.Struct | None] = [None] * len(events)
    for number in np.flatnonzero(np.bincount(numbers)).tolist():
        places = np.flatnonzero(numbers == number)
        for place, detail in zip(places.tolist(), _details(number, events[places], times), strict=True):
            shown[place] = detail
    return _json.encode_lines(shown).decode().splitlines()


def _details(number: int, events: kernels.Floats, times: kernels.Times) -> Iterator[msgspec.Struct]:
    """Those of events of one pattern. By column: an event at a time takes twice as long."""
    kinds = map(_kind, repeat(number), events[:, kernels.KIND].tolist())
    parts = map(_PART_STRUCTS[number], *events[:, kernels.CONTINUITY :].T.tolist())
    told = events[:, kernels.ATR : _ENDS[number]].T.tolist()
    if number != kernels.FAKE_OUT:
        return map(_DETAILS[number], kinds, parts, *told)
    atr, level, since, depth, lost = told
    broken = times[(events[:, kernels.INDEX] - since).astype(np.int64)].tolist()
    since, lost = map(int, since), map(int, lost)
    stamps = (moment(ts).isoformat() for ts in broken)
    return map(_FAKE_OUT_DETAIL, kinds, parts, atr, level, since, depth, lost, stamps)


def rows(events: kernels.Floats, times: kernels.Times, step: int) -> list[VolumePattern]:
    """Events as rows; `times` are those of the bars that the kernel saw, `step` the bar's microseconds."""
    return [
        VolumePattern(
            moment(ts := int(times[int(event[kernels.INDEX])])),
            _NAMES[int(event[kernels.PATTERN])],
            DIRECTIONS[int(event[kernels.DIRECTION]) + 1],
            STRENGTHS[int(event[kernels.STRENGTH])],
            event[kernels.CONFIDENCE],
            None if math.isnan(event[kernels.RATIO]) else event[kernels.RATIO],
            event[kernels.CHANGE],
            shown,
            moment(ts + step),
        )
        for event, shown in zip(events.tolist(), details(events, times), strict=True)
    ]


def frame(events: kernels.Floats, shown: pl.Series, times: kernels.Times, step: int) -> pl.DataFrame:
    """Many events, with their `details`, as a frame: VOLUME_PATTERN_SCHEMA."""
    numbers = events[:, : kernels.STRENGTH + 1].astype(np.int64)
    ts = times[numbers[:, kernels.INDEX]]
    return pl.DataFrame(
        {
            "ts": ts,
            "pattern": _named(numbers[:, kernels.PATTERN], _NAMES),
            "direction": _named(numbers[:, kernels.DIRECTION] + 1, DIRECTIONS),
            "strength": _named(numbers[:, kernels.STRENGTH], STRENGTHS),
            "confidence": events[:, kernels.CONFIDENCE],
            "volume_ratio": pl.Series(events[:, kernels.RATIO], nan_to_null=True),
            "price_change": events[:, kernels.CHANGE],
            "detail": shown,
            "known_at": ts + step,
        }
    ).cast(VOLUME_PATTERN_SCHEMA)


def moment(microseconds: int) -> datetime:
    """Microseconds since 1970 as a time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """A time as microseconds since 1970.

    Raises:
        TypeError: a time without a zone.
    """
    return (moment - _EPOCH) // MICROSECOND


def _named(numbers: kernels.Times, names: Sequence[str]) -> pl.Series:
    return pl.Series(list(names), dtype=pl.String()).gather(pl.Series(numbers, dtype=pl.Int64()))


@cache
def _kind(number: int, kind: float) -> str:
    if number == kernels.SPIKE:
        return f"{kind:g}x"
    return KINDS[_NAMES[number]][int(kind) + 1]
