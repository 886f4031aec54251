"""Gaps: which minutes are missing, and what is known about each missing stretch.

Pure interval arithmetic on half-open stretches of UTC time. The ledger of an instrument is a list of `Gap`
that never overlap; `reconcile` brings it up to date with what a window turned out to hold. A minute that once
was missing stays in the ledger for good: gaps are repaired or explained, never forgotten.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
import polars as pl

from alphapulse_resources.frames import WEEK_ORIGIN

LOGIC_VERSION: Final = 1
"""Bumped whenever the same input would give another ledger."""

REPEAT_AFTER: Final = timedelta(minutes=5)
"""A second answer of the same source counts only this long after its first: sooner it may be one cached
answer, or one outage, seen twice (ours)."""


class GapState(StrEnum):
    """What is known about a missing stretch."""

    DETECTED = "detected"  # missing, and it is not known why
    REPAIRED = "repaired"  # was missing, has candles now
    VENUE_HAD_NONE = "venue_had_none"  # missing, and verified: there was no candle to have


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time from `start` to before `end`, UTC.

    Raises:
        ValueError: `end` is not after `start`, or one of them has no time zone.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"stretch {self.start} .. {self.end} has no time zone; give UTC datetimes")
        if self.end <= self.start:
            raise ValueError(f"stretch {self.start} .. {self.end} ends before it begins")


@dataclass(frozen=True, slots=True)
class Verification:
    """`source` answered at time `at` for the whole stretch and had no candle in it."""

    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch whose minutes are (or were) missing and share one history."""

    start: datetime
    end: datetime
    state: GapState
    detected_at: datetime
    repaired_at: datetime | None = None
    repaired_from: str | None = None
    verifications: tuple[Verification, ...] = ()
    verified_at: datetime | None = None
    reason: str | None = None

    @property
    def duration(self) -> timedelta:
        """How long the stretch is."""
        return self.end - self.start


_Span = TypeVar("_Span", Stretch, Gap)


def missing(present_ts: pl.Series, start: datetime, end: datetime, step: timedelta) -> list[Stretch]:
    """The stretches of `[start, end)` that have no bar, in order; touching ones are one stretch.

    `present_ts` are the open times of the bars there are (aware, any order, repeats and times outside the
    window do not matter; a time off the grid fills nothing). `step` is the length of a bar.

    Raises:
        ValueError: `start` or `end` is not on the grid of `step`, `end` before `start`, times without zone.
    """
    if start == end:
        return []
    window = Stretch(start, end)
    if (start - WEEK_ORIGIN) % step or (end - WEEK_ORIGIN) % step:
        raise ValueError(
            f"window {start} .. {end} is not on the grid of {step}; floor both to a bar's open time"
        )
    if len(present_ts) == 0:
        return [window]
    if not isinstance(present_ts.dtype, pl.Datetime) or present_ts.dtype.time_zone is None:
        raise ValueError(f"open times are {present_ts.dtype}; convert them to Datetime with a time zone")
    since_start = (present_ts.drop_nulls() - start).dt.total_microseconds().to_numpy()
    bars, offset = np.divmod(since_start, step // timedelta(microseconds=1))
    expected = (end - start) // step
    absent = np.ones(expected, dtype=bool)
    absent[bars[(offset == 0) & (bars >= 0) & (bars < expected)]] = False
    edges = np.flatnonzero(np.diff(absent, prepend=False, append=False)).tolist()
    return [
        Stretch(start + first * step, start + past * step)
        for first, past in zip(edges[::2], edges[1::2], strict=True)
    ]


def reconcile(
    known: Sequence[Gap],
    missing: Sequence[Stretch],
    window: Stretch,
    *,
    now: datetime,
    repaired_from: str | None,
    answered_by: Sequence[Verification],
    sources_available: int,
) -> list[Gap]:
    """The ledger after `window` was looked at: `known`, brought up to date inside the window.

    Inside the window, minute by minute: what is `missing` is DETECTED (from `now`, unless it was already) and
    gets every answer of `answered_by` as a verification; verified twice it is VENUE_HAD_NONE. What was a gap
    and is not missing any more is REPAIRED, from `repaired_from` at `now`. A repaired minute that is missing
    again is DETECTED anew, and its `reason` tells of the earlier repair. Outside the window nothing changes.

    Verified twice means by two sources where `sources_available` is two or more, else also by the one source
    with REPEAT_AFTER between its answers. Each source is kept with at most two verifications.

    Returns the gaps in order of time, without overlap; touching stretches with one history are one gap.

    Raises:
        ValueError: gaps of `known` overlap, or `missing` reaches beyond the window.
    """
    ordered = sorted(known, key=lambda gap: gap.start)
    for left, right in pairwise(ordered):
        if right.start < left.end:
            raise ValueError(
                f"known gaps overlap: {left.start} .. {left.end} and {right.start} .. {right.end}"
            )
    for stretch in missing:
        if stretch.start < window.start or stretch.end > window.end:
            raise ValueError(
                f"missing stretch {stretch.start} .. {stretch.end} reaches beyond the window "
                f"{window.start} .. {window.end}"
            )
    ledger: list[Gap] = []
    for piece, gap, absent in _pieces(ordered, _union(missing), window):
        if piece.start < window.start or piece.start >= window.end:
            after = gap
        elif absent:
            after = _still_missing(gap, piece, now, answered_by, sources_available)
        else:
            after = _present(gap, now, repaired_from)
        if after is not None:
            _append(ledger, replace(after, start=piece.start, end=piece.end))
    return ledger


def _pieces(
    known: Sequence[Gap], missing: Sequence[Stretch], window: Stretch
) -> Iterator[tuple[Stretch, Gap | None, bool]]:
    """Time cut at every border, with the gap known there and whether it is missing now."""
    spans: list[Stretch | Gap] = [window, *known, *missing]
    borders = sorted({moment for span in spans for moment in (span.start, span.end)})
    gap_at, missing_at = _finder(known), _finder(missing)
    for start, end in pairwise(borders):
        yield Stretch(start, end), gap_at(start), missing_at(start) is not None


def _finder(spans: Sequence[_Span]) -> Callable[[datetime], _Span | None]:
    """A look-up of the span that holds a moment, among spans in order and without overlap."""
    starts = [span.start for span in spans]

    def find(moment: datetime) -> _Span | None:
        index = bisect_right(starts, moment) - 1
        return spans[index] if index >= 0 and moment < spans[index].end else None

    return find


def _union(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same time as ordered stretches that neither overlap nor touch."""
    united: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda stretch: stretch.start):
        if united and stretch.start <= united[-1].end:
            united[-1] = Stretch(united[-1].start, max(united[-1].end, stretch.end))
        else:
            united.append(stretch)
    return united


def _present(gap: Gap | None, now: datetime, repaired_from: str | None) -> Gap | None:
    """What becomes of a known gap whose minutes have candles now."""
    if gap is None or gap.state is GapState.REPAIRED:
        return gap
    return replace(gap, state=GapState.REPAIRED, repaired_at=now, repaired_from=repaired_from)


def _still_missing(
    gap: Gap | None,
    piece: Stretch,
    now: datetime,
    answered_by: Sequence[Verification],
    sources_available: int,
) -> Gap:
    """What becomes of minutes that are missing now, known as a gap before or not."""
    if gap is None:
        gap = Gap(piece.start, piece.end, GapState.DETECTED, now)
    elif gap.state is GapState.REPAIRED:
        earlier = f"missing again: was repaired from {gap.repaired_from or 'an unnamed source'}"
        gap = Gap(piece.start, piece.end, GapState.DETECTED, now, reason=f"{earlier} at {gap.repaired_at}")
    verifications = _with_answers(gap.verifications, answered_by)
    if gap.state is GapState.DETECTED and _verified_twice(verifications, sources_available):
        gap = replace(gap, state=GapState.VENUE_HAD_NONE, verified_at=now)
    return replace(gap, verifications=verifications)


def _with_answers(
    verifications: tuple[Verification, ...], answers: Sequence[Verification]
) -> tuple[Verification, ...]:
    """The verifications with each answer added that counts: two per source, REPEAT_AFTER apart."""
    counted = list(verifications)
    for answer in sorted(answers, key=lambda answer: (answer.at, answer.source)):
        times = [earlier.at for earlier in counted if earlier.source == answer.source]
        if len(times) < 2 and all(abs(answer.at - time) >= REPEAT_AFTER for time in times):
            counted.append(answer)
    return tuple(sorted(counted, key=lambda answer: (answer.at, answer.source)))


def _verified_twice(verifications: tuple[Verification, ...], sources_available: int) -> bool:
    sources = {verification.source for verification in verifications}
    return len(sources) >= 2 or (sources_available < 2 and len(verifications) >= 2)


def _append(ledger: list[Gap], gap: Gap) -> None:
    """Add `gap`, as a longer last gap where it touches that one and shares its history."""
    if (
        ledger
        and ledger[-1].end == gap.start
        and replace(gap, start=ledger[-1].start) == replace(ledger[-1], end=gap.end)
    ):
        ledger[-1] = replace(ledger[-1], end=gap.end)
    else:
        ledger.append(gap)
