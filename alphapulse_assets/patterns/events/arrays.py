"""Events from rows to the kernels' arrays, for a whole frame and for one event. Pure."""

from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import micros
from alphapulse_assets.patterns.events.configuration import ConfluenceRules
from alphapulse_assets.patterns.events.kernels import NOBODY, EventArrays
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.events.model import (
    CONFIRMED,
    ENDED,
    FAMILIES,
    PATTERN_TIMEFRAMES,
    PatternEvent,
    place,
)
from alphapulse_resources.frames import TIMEFRAMES as LENGTHS

NAMES: Final = {sign: name for name, sign in SIGNS.items()}

Key = tuple[str, str, str]
"""What the rows of one chart pattern's life share: timeframe, family, reference."""


def lives(rules: ConfluenceRules) -> dict[tuple[str, str], int]:
    """How long a pattern counts, in microseconds, by timeframe and family."""
    return {
        (timeframe, family): bars * micros_of(timeframe)
        for timeframe in PATTERN_TIMEFRAMES
        for family, bars in zip(FAMILIES, rules.life, strict=True)
    }


def micros_of(timeframe: str) -> int:
    """The length of a bar in microseconds."""
    return int(LENGTHS[timeframe].total_seconds()) * 1_000_000


def arrays(events: pl.DataFrame, rules: ConfluenceRules) -> EventArrays:
    """The arrays of `events` (PATTERN_EVENT_SCHEMA), which are in ORDER."""
    known = events["known_at"].dt.epoch("us")
    sign = pl.col("direction").replace_strict(SIGNS, return_dtype=pl.Int64)
    life = sum(
        (
            pl.when(pl.col("family") == family).then(bars).otherwise(0)
            for family, bars in zip(FAMILIES, rules.life, strict=True)
        ),
        pl.lit(0, dtype=pl.Int64),
    )
    length = pl.col("timeframe").replace_strict(
        {name: micros_of(name) for name in PATTERN_TIMEFRAMES}, return_dtype=pl.Int64
    )
    counts = (pl.col("stage") == CONFIRMED) & (pl.col("direction") != "neutral")
    table = events.select(
        pl.when(counts).then(known + life * length).otherwise(0).alias("expires"),
        pl.col("timeframe")
        .replace_strict({name: place(name) for name in PATTERN_TIMEFRAMES}, return_dtype=pl.Int64)
        .alias("place"),
        sign.alias("sign"),
        pl.struct("family", "pattern").rank("dense").cast(pl.Int64).alias("kind"),
    )
    return EventArrays(
        known=known.to_numpy(),
        expires=table["expires"].to_numpy().astype(np.int64),  # a copy: endings set it back
        place=table["place"].to_numpy(),
        sign=table["sign"].to_numpy(),
        strength=events["strength"].to_numpy(),
        ends=_ends(events),
        kind=table["kind"].to_numpy(),
    )


def _ends(events: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = np.full(events.height, NOBODY, dtype=np.int64)
    lived = events.select("timeframe", "family", "reference", "stage").with_row_index("number")
    confirmed: dict[Key, int] = {}
    for number, *key, stage in lived.drop_nulls("reference").iter_rows():
        at = (key[0], key[1], key[2])
        if stage == CONFIRMED:
            confirmed[at] = number
        elif stage in ENDED:
            found[number] = confirmed.get(at, NOBODY)
    return found


def key_of(event: PatternEvent) -> Key | None:
    """The life that the event is a part of, if any."""
    return None if event.reference is None else (event.timeframe, event.family, event.reference)


def expires_of(event: PatternEvent, life: dict[tuple[str, str], int]) -> int:
    """When a single event stops to count; 0 if it never does."""
    if event.stage != CONFIRMED or event.direction == "neutral":
        return 0
    return micros(event.known_at) + life[event.timeframe, event.family]
