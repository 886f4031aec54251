"""Which patterns on which timeframes confirm or contradict each other, at the moment each was known. Pure.

At a moment T those patterns count that were confirmed at or before T, have a direction, have not ended by
then (chart patterns: target met, failed, expired, evolved) and are younger than their life: a number of
bars of their own timeframe, by family (`ConfluenceRules.life`). Everything known at the same T counts
together, whichever timeframe it is from.

A timeframe *leans* bullish or bearish by the sign of the sum of its patterns' strengths, bullish less
bearish; it has no direction while that sum is below `margin` of all strength there. Its strongest pattern
that way *leads*, of equally strong ones the latest. A timeframe is *overridden* by a higher one that leans
the other way and is not overridden itself: decided from the highest down, so that all who have a say lean
as the highest one that leans (`event_kernels.overridden_by`). By several: the highest is told. Grade:
"strong" with three or more consecutive timeframes that lean alike, "medium" with two, "weak" alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.arrays import NAMES, arrays
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import (
    NOBODY,
    PLACES,
    EventArrays,
    Floats,
    Integers,
    convergence,
    lean_all,
    overridden_by,
    run_of,
)
from alphapulse_assets.patterns.events.model import (
    PATTERN_EVENT_SCHEMA,
    PATTERN_TIMEFRAMES,
    PatternEvent,
    ordered,
    place,
)

LOGIC_VERSION: Final = 2
"""Bumped whenever the same events and configuration would give other rows."""

CONFLUENCE_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar whose close told
        "known_at": pl.Datetime("us", "UTC"),
        "direction": pl.String(),  # where the timeframe leans: bullish or bearish
        "family": pl.String(),  # of the pattern that leads
        "pattern": pl.String(),
        "reference": pl.String(),
        "grade": pl.String(),  # strong, medium, weak
        "run": pl.Int64(),  # consecutive timeframes that lean alike, this one counted
        "run_first": pl.String(),  # lowest timeframe of them
        "run_last": pl.String(),  # highest
        "confirming": pl.Int64(),  # other timeframes that lean alike, consecutive or not
        "contradicting": pl.Int64(),  # other timeframes that lean the other way
        "overridden_by": pl.String(),  # timeframe; null where none does
        "convergence": pl.Float64(),  # 0..1, the confidence's factor for the direction
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per timeframe and close at which it had an event and leans: (instrument_id, timeframe, ts) is one."""

RELATIONSHIP_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "known_at": pl.Datetime("us", "UTC"),
        "family": pl.String(),  # of the pattern that leads here
        "pattern": pl.String(),
        "direction": pl.String(),
        "reference": pl.String(),
        "relation": pl.String(),  # confirms or contradicts
        "overrides": pl.Boolean(),  # the other one is higher, contradicts, and is not overridden itself
        "other_timeframe": pl.String(),
        "other_multiplier": pl.Float64(),
        "other_ts": pl.Datetime("us", "UTC"),
        "other_known_at": pl.Datetime("us", "UTC"),
        "other_family": pl.String(),  # of the pattern that leads there
        "other_pattern": pl.String(),
        "other_direction": pl.String(),
        "other_reference": pl.String(),
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per row of CONFLUENCE_SCHEMA and other timeframe that leans; unique with `other_timeframe`."""

_THERE: Final = ("timeframe", "ts", "known_at", "family", "pattern", "direction", "reference")
_HERE: Final = ("instrument_id", *_THERE)
_SEEN: Final = 8  # columns of what `_look` tells


def frame_start(timeframe: str, start: datetime, configuration: PatternConfiguration = DEFAULT) -> datetime:
    """The open time from which on events of `timeframe` are needed for rows known from `start` on.

    Raises:
        ValueError: a timeframe outside the hierarchy.
    """
    place(timeframe)
    # one bar more: an event is known a bar after its open time
    return start - (configuration.confluence.longest_life + 1) * bar_length(timeframe)


class Leaning:
    """Where all timeframes lean at every moment at which something happened, for a frame of events."""

    def __init__(self, events: EventArrays, configuration: PatternConfiguration) -> None:
        moments = len(np.unique(events.known))
        self.group = np.empty(len(events.known), dtype=np.int64)
        self.stances = np.empty((moments, PLACES), dtype=np.int64)
        self.leaders = np.empty((moments, PLACES), dtype=np.int64)
        lean_all(events, configuration.confluence.margin, self.group, self.stances, self.leaders)


def confluence(
    events: pl.DataFrame,
    *,
    start: datetime | None = None,
    configuration: PatternConfiguration = DEFAULT,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CONFLUENCE_SCHEMA and RELATIONSHIP_SCHEMA of one instrument's events, sorted by known_at and timeframe.

    `events`: PATTERN_EVENT_SCHEMA, any order, of all timeframes that are looked at. Rows known before `start`
    are left out: with events from `frame_start` on, or with all there are, the rows are those of one pass.

    Raises:
        ValueError: as `events.ordered`.
    """
    rows = ordered(events).select(PATTERN_EVENT_SCHEMA.names())
    found = arrays(rows, configuration.confluence)
    leaning = Leaning(found, configuration)
    told = _told(found, leaning, rows, start)
    multipliers = np.array(configuration.confluence.multipliers)
    seen = np.empty((len(told), _SEEN))
    _look(
        found.place, told, leaning.group, leaning.stances, multipliers, configuration.confluence.strong, seen
    )
    here = _summaries(rows, found, told, leaning, seen, configuration)
    return here, _relationships(rows, here, told, leaning, found, configuration)


def confluence_rows(
    group: Sequence[PatternEvent],
    stances: Sequence[int],
    leaders: Sequence[PatternEvent | None],
    configuration: PatternConfiguration,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What `confluence` tells of a single moment: its events in ORDER, where timeframes lean."""
    first: dict[str, PatternEvent] = {}
    for event in group:
        first.setdefault(event.timeframe, event)
    rows, relationships = [], []
    for timeframe, event in first.items():
        if (leader := leaders[place(timeframe)]) is not None:
            row = _summary(event, leader, stances, configuration)
            rows.append(row)
            relationships += _relations(row, stances, leaders, configuration)
    return rows, relationships


def _summary(
    event: PatternEvent, leader: PatternEvent, stances: Sequence[int], configuration: PatternConfiguration
) -> dict[str, Any]:
    here, rules = place(event.timeframe), configuration.confluence
    sign, array = stances[here], np.array(stances)
    first, last = run_of(array, here, sign)
    run, by = last - first + 1, overridden_by(array, here, sign)
    return {
        **{name: getattr(event, name) for name in ("instrument_id", "timeframe", "ts", "known_at")},
        "direction": NAMES[sign],
        **{name: getattr(leader, name) for name in ("family", "pattern", "reference")},
        "grade": "strong" if run >= rules.strong else "medium" if run >= rules.medium else "weak",
        "run": run,
        "run_first": PATTERN_TIMEFRAMES[first],
        "run_last": PATTERN_TIMEFRAMES[last],
        "confirming": stances.count(sign) - 1,
        "contradicting": stances.count(-sign),
        "overridden_by": None if by == NOBODY else PATTERN_TIMEFRAMES[by],
        "convergence": convergence(array, here, sign, np.array(rules.multipliers), float(rules.strong)),
        "configuration_version": configuration.version,
        "logic_version": LOGIC_VERSION,
    }


def _relations(
    row: dict[str, Any],
    stances: Sequence[int],
    leaders: Sequence[PatternEvent | None],
    configuration: PatternConfiguration,
) -> list[dict[str, Any]]:
    here = place(row["timeframe"])
    decides = next(stance for stance in reversed(stances) if stance)  # where the highest that leans does
    told = []
    for k, other in enumerate(leaders):
        if other is None or k == here:
            continue
        against = stances[k] != stances[here]
        told.append(
            {
                **{name: row[name] for name in _HERE},
                "relation": "contradicts" if against else "confirms",
                "overrides": against and k > here and stances[k] == decides,
                "other_multiplier": configuration.confluence.multipliers[k],
                **{f"other_{name}": getattr(other, name) for name in _THERE},
                "configuration_version": configuration.version,
                "logic_version": LOGIC_VERSION,
            }
        )
    return told


def _told(events: EventArrays, leaning: Leaning, rows: pl.DataFrame, start: datetime | None) -> Integers:
    """One event for each row to be told: the first of its moment and timeframe, where that leans."""
    same = np.zeros(len(events.known), dtype=bool)
    same[1:] = (np.diff(events.known) == 0) & (np.diff(events.place) == 0)
    leans = leaning.stances[leaning.group, events.place] != 0
    wanted = leans & ~same
    if start is not None:
        wanted &= (rows["known_at"] >= start).to_numpy()
    return np.flatnonzero(wanted)


@compiled
def _look(
    place: Integers,
    told: Integers,
    group: Integers,
    stances: Integers,
    multipliers: Floats,
    full: float,
    seen: Floats,
) -> None:
    """Per row: sign, first, last, confirming, contradicting, who overrides, convergence, run."""
    for row in range(len(told)):
        here, stance = place[told[row]], stances[group[told[row]]]
        sign = stance[here]
        first, last = run_of(stance, here, sign)
        confirming = 0
        for k in range(PLACES):
            if k != here and stance[k] == sign:
                confirming += 1
        seen[row, 0] = sign
        seen[row, 1] = first
        seen[row, 2] = last
        seen[row, 3] = confirming
        seen[row, 4] = np.sum(stance == -sign)
        seen[row, 5] = overridden_by(stance, here, sign)
        seen[row, 6] = convergence(stance, here, sign, multipliers, full)
        seen[row, 7] = last - first + 1


def _summaries(
    rows: pl.DataFrame,
    events: EventArrays,
    told: Integers,
    leaning: Leaning,
    seen: Floats,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    rules = configuration.confluence
    leaders = leaning.leaders[leaning.group[told], events.place[told]]
    whole = seen.astype(np.int64)
    grade = (
        pl.when(pl.col("run") >= rules.strong)
        .then(pl.lit("strong"))
        .when(pl.col("run") >= rules.medium)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("weak"))
    )
    return (
        rows.select("instrument_id", "timeframe", "ts", "known_at")[told]
        .with_columns(
            rows.select("family", "pattern", "reference")[leaders],
            direction=_named(whole[:, 0], NAMES),
            run=pl.Series(whole[:, 7]),
            run_first=_named(whole[:, 1], dict(enumerate(PATTERN_TIMEFRAMES))),
            run_last=_named(whole[:, 2], dict(enumerate(PATTERN_TIMEFRAMES))),
            confirming=pl.Series(whole[:, 3]),
            contradicting=pl.Series(whole[:, 4]),
            overridden_by=_named(whole[:, 5], {**dict(enumerate(PATTERN_TIMEFRAMES)), NOBODY: None}),
            convergence=pl.Series(seen[:, 6]),
            configuration_version=pl.lit(configuration.version, dtype=pl.Int64),
            logic_version=pl.lit(LOGIC_VERSION, dtype=pl.Int64),
        )
        .with_columns(grade=grade)
        .match_to_schema(CONFLUENCE_SCHEMA)
        .select(CONFLUENCE_SCHEMA.names())
    )


def _relationships(
    rows: pl.DataFrame,
    here: pl.DataFrame,
    told: Integers,
    leaning: Leaning,
    events: EventArrays,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    stances = leaning.stances[leaning.group[told]]
    own = events.place[told]
    others = stances != 0
    others[np.arange(len(told)), own] = False
    row, place = np.nonzero(others)
    sign = stances[row, own[row]]
    against = stances[row, place] != sign
    highest = PLACES - 1 - np.argmax(stances[:, ::-1] != 0, axis=1)
    decides = stances[np.arange(len(told)), highest]
    overrides = against & (place > own[row]) & (stances[row, place] == decides[row])
    multipliers = np.array(configuration.confluence.multipliers)
    there = rows.select(_THERE)[leaning.leaders[leaning.group[told[row]], place]]
    return (
        here.select(_HERE)[row]
        .with_columns(
            there.rename(lambda name: f"other_{name}"),
            relation=_named(against.astype(np.int64), {0: "confirms", 1: "contradicts"}),
            overrides=pl.Series(overrides),
            other_multiplier=pl.Series(multipliers[place]),
            configuration_version=pl.lit(configuration.version, dtype=pl.Int64),
            logic_version=pl.lit(LOGIC_VERSION, dtype=pl.Int64),
        )
        .match_to_schema(RELATIONSHIP_SCHEMA)
        .select(RELATIONSHIP_SCHEMA.names())
    )


def _named(numbers: Integers, names: dict[int, Any]) -> pl.Series:
    return pl.Series(numbers).replace_strict(names, return_dtype=pl.String())
