"""What assets and runs are marked with, so that jobs, checks and people select by it instead of by names.

In the UI's selection syntax: `tag:"latency"="minute"`, `tag:"layer"="timeframes" or group:"patterns"`.
"""

from collections.abc import Mapping
from typing import Final, Literal

Latency = Literal["seconds", "minute", "day"]
"""How soon an asset is brought up to date: by streams, by refreshes of the minute, or daily."""
Layer = Literal[
    "reference",
    "candles",
    "timeframes",
    "bars",
    "gaps",
    "quality",
    "derived",
    "daily",
    "signals",
    "outcomes",
    "statistics",
    "live",
    "history",
    "collected",
]
"""What an asset is: `bars` stands for candles and all timeframes, `derived` is computed bar by bar, `daily`
of days that are over, `outcomes` are what came of a pattern, `statistics` are of all symbols of a venue or of
all venues together, `history` is what lies before the rest and comes once."""

LATENCY: Final = "latency"
LAYER: Final = "layer"

IN_A_HURRY: Final[Mapping[str, str]] = {"alphapulse/checks": "lightweight"}
"""Tag of runs that come every few minutes: they check in polars, since importing Great Expectations takes
seconds, and draw fewer symbols. Anybody may give it to a run of theirs."""


_BY_DAY: Final = ("reference", "history", "quality", "outcomes", "statistics")


def latency_of(layer: Layer) -> Latency:
    """How soon assets of a layer are brought up to date."""
    if layer == "live":
        return "seconds"
    return "day" if layer in _BY_DAY else "minute"


def asset_tags(layer: Layer) -> dict[str, str]:
    """The tags of an asset."""
    return {LAYER: layer, LATENCY: latency_of(layer)}


def in_a_hurry(tags: Mapping[str, str]) -> bool:
    """Whether a run with these tags has no seconds to spare."""
    return IN_A_HURRY.items() <= tags.items()
