"""The scores whose calibration is looked at: one line each. Pure.

A score is a column of the frames that hold it, `source` says which. Where the score has levels of its own
their column stands beside it, lowest first in `levels`; one without gets deciles of what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alphapulse_assets.patterns.events.configuration import LEVELS

DECILES: Final = tuple(f"d{number:02d}" for number in range(1, 11))
"""Levels of a score without its own: tenths of the events, the lowest first."""
NONE: Final = "none"
"""The level of events of which too little was known for one; its place is 0."""
CONFIDENCES: Final = "confidences"
"""The source of the scores of `pattern_confidences`."""


@dataclass(frozen=True, slots=True)
class Score:
    """A number that is said of each directional event when it becomes known."""

    name: str
    column: str
    level: str | None = None
    """Column of its level; None: deciles."""
    levels: Sequence[str] = DECILES
    probability: bool = False
    """Whether it claims to be the share right, 0 to 1: then it is told beside what came."""
    source: str = CONFIDENCES
    """Which frame holds it: a statement `sql/calibration/<source>.sql`."""


SCORES: Final = (
    Score("confidence", "confidence", "level", LEVELS),
    Score("reliability", "reliability", "reliability_level", LEVELS),
    Score("boosted", "boosted", "boosted_level", ("weak", "medium", "strong")),
)
"""All of them."""
