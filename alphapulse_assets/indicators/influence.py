"""How far a changed bar reaches: until when values have to be computed anew. Pure.

It follows from the calendar rule of `warm_up`: a bar counts for its block and for every block that begins at
most WARM_UP bar lengths after it. All bars that are computed in one go lie in one block.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alphapulse_assets.core.calendar_blocks import WARM_UP, frame_start, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.formulas_of_state import Vwap
from alphapulse_assets.indicators.sessions import Sessions
from alphapulse_resources.frames import floor_time


def indicators_until(timeframe: str, bar: datetime) -> datetime:
    """The open time from which on no indicator depends on a bar (its open time) any more.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    week = floor_time(bar, "1w") + timedelta(weeks=1)  # the weekly VWAP goes on across blocks
    return max(next_block(timeframe, bar + WARM_UP * bar_length(timeframe)), week)


def regimes_until(timeframe: str, bar: datetime, warm_up: int) -> datetime:
    """The same for regimes, which look at the indicators of `warm_up` bar lengths before a block."""
    last = indicators_until(timeframe, bar) - timedelta(microseconds=1)
    return next_block(timeframe, last + warm_up * bar_length(timeframe))


def series_from(definitions: Iterable[IndicatorDefinition], timeframe: str, start: datetime) -> datetime:
    """The open time from which on candles are needed for the values of a series from `start` on.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    return min([frame_start(timeframe, start), *(each.began(start) for each in _sessions(definitions))])


def series_until(definitions: Iterable[IndicatorDefinition], timeframe: str, bar: datetime) -> datetime:
    """The open time from which on no value of a series depends on a bar (its open time) any more.

    An average since an anchor in time depends on every bar since.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    return max([indicators_until(timeframe, bar), *(each.ends(bar) for each in _sessions(definitions))])


def _sessions(definitions: Iterable[IndicatorDefinition]) -> list[Sessions]:
    return [each.function.sessions for each in definitions if isinstance(each.function, Vwap)]
