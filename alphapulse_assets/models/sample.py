"""Labelled rows as arrays, and how time divides them: purged, with embargo, the last part untouched. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.models.model import Floats, Integers, digest
from alphapulse_assets.models.terms import terms
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import PatternConfiguration

UNTOUCHED: Final = 5
"""The last fifth of the time is looked at once, for the report (ours)."""
CALIBRATED_ON: Final = 4
"""The last quarter of the time that a model is fitted on is kept for its calibration (ours)."""
MOST_FOLDS: Final = 6
FEWEST_MONTHS: Final = 3
"""Months to walk forward by; where there are fewer it goes by thirds (ours)."""
_DAY: Final = 86_400_000_000

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows in order of `known`; all arrays have one element (or row) each."""

    rows: Floats  # TERMS
    right: Flags  # net return above 0
    moved: Flags  # beyond the costs, either way
    net: Floats  # net return, a fraction
    known: Integers  # known_at, microseconds
    told: Integers  # label_known_at, microseconds
    embargo: Integers  # the longest horizon of its timeframe, microseconds
    cluster: Integers  # stretch of time, one horizon long, of its timeframe, across symbols
    block: Integers  # the day, or the stretch where that is longer: what the bootstrap draws

    def __len__(self) -> int:
        return len(self.known)

    def of(self, chosen: NDArray[Any]) -> "Sample":
        """Those rows."""
        return Sample(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @property
    def clusters(self) -> int:
        """Stretches of time: as many independent observations as there can be."""
        return len(np.unique(self.cluster))

    @property
    def digest(self) -> str:
        """Of features, labels and times."""
        return digest(self.rows.tobytes(), self.net.tobytes(), self.known.tobytes(), self.told.tobytes())


def sample_of(frame: pl.DataFrame, horizon: int, configuration: PatternConfiguration) -> Sample:
    """What `labels.labelled` gives, of any number of instruments."""
    frame = frame.sort("known_at", "instrument_id", "timeframe", "direction", "shape")
    lengths = {name: micros_of(name) for name in frame["timeframe"].unique().to_list()}
    length = frame["timeframe"].replace_strict(lengths, return_dtype=pl.Int64).to_numpy()
    known = frame["known_at"].dt.epoch("us").to_numpy()
    stretch = length * horizon
    gross = frame["gross_return"].to_numpy()
    number = known // stretch
    span = np.maximum(stretch, _DAY)
    return Sample(
        rows=terms(frame),
        right=frame["is_right"].to_numpy(),
        moved=np.abs(gross) > configuration.costs.round_trip,
        net=frame["net_return"].to_numpy(),
        known=known,
        told=frame["label_known_at"].dt.epoch("us").to_numpy(),
        embargo=length * max(configuration.outcomes.horizons),
        cluster=number * 20_011 + length // 60_000_000,
        block=(known // span) * 20_011 + span // 60_000_000,
    )


@dataclass(frozen=True, eq=False)
class Division:
    """When the untouched part begins, and the tests before it: [start, end) in microseconds."""

    rule: str  # month, third
    folds: Sequence[tuple[int, int]]
    untouched: int
    end: int


def divided(sample: Sample) -> Division:
    """By month, where there are enough of them before the untouched part, else by thirds."""
    first, last = int(sample.known[0]), int(sample.known[-1]) + 1
    untouched = last - (last - first) // UNTOUCHED
    if untouched - first > 10 * _DAY:
        untouched -= untouched % _DAY
    months = [start for start in _months(first, untouched) if start - first >= (untouched - first) // 3]
    if len(months) >= FEWEST_MONTHS:
        months = months[-MOST_FOLDS:]
        return Division("month", list(zip(months, [*months[1:], untouched], strict=True)), untouched, last)
    third = (untouched - first) // 3
    cuts = [first + third, first + 2 * third, untouched]
    return Division("third", list(pairwise(cuts)), untouched, last)


def known_by(sample: Sample, moment: int) -> Sample:
    """What may be learned from for a test that begins then: labels known by it, and an embargo of the longest
    horizon between."""
    return sample.of(sample.told + sample.embargo <= moment)


def between(sample: Sample, start: int, end: int) -> Sample:
    """Rows known in [start, end)."""
    return sample.of((sample.known >= start) & (sample.known < end))


def fit_and_calibration(sample: Sample) -> tuple[Sample, Sample]:
    """The earlier rows, and the last quarter of the time, purged of what overlaps."""
    first, last = int(sample.known[0]), int(sample.known[-1])
    cut = last - (last - first) // CALIBRATED_ON
    return sample.of(sample.told <= cut), sample.of(sample.known > cut)


def moment(micros: int) -> datetime:
    """Microseconds as a time."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def _months(first: int, end: int) -> list[int]:
    found: list[int] = []
    year, month = moment(first).year, moment(first).month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        micros = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
        if micros >= end:
            return found
        found.append(micros)
