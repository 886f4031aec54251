"""What the levels of a score say, as a sentence. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from alphapulse_assets.core.proportions import Trend
from alphapulse_assets.patterns.calibration.scores import Score

RISES: Final = "the higher, the more often right"
FALLS: Final = "the higher, the LESS often right"
FLAT: Final = "not seen to be right more often where it is higher"
UNTOLD: Final = "too few outcomes to tell"


def verdict(told: Trend | None) -> str:
    """Whether a score rises with what came: by the interval of its slope."""
    if told is None:
        return UNTOLD
    return RISES if told.slope.low > 0 else FALLS if told.slope.high < 0 else FLAT


def note(
    score: Score, names: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], told: Trend | None
) -> str:
    """Such as `confidence, 1m after 10 bars: the higher, ...: right in very low 50.3 %, low ... (slope)`."""
    shares = ", ".join(f"{row['level']} {100 * row['right_share']:.1f} %" for row in rows if row["place"])
    slope = (
        ""
        if told is None
        else f" ({100 * told.slope.value:+.1f} points a level, {100 * told.slope.low:+.1f} to "
        f"{100 * told.slope.high:+.1f})"
    )
    where = f"{score.name}, {names['timeframe']} after {names['horizon']} bars"
    return f"{where}: {verdict(told)}: right in {shares}{slope}" if shares else f"{where}: {verdict(told)}"
