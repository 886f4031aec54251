"""What a picture of derived rows shows: the last bars of one symbol, in a timeframe that a run computed."""

from typing import Final

import polars as pl

from alphapulse_assets.deriving import Derived
from alphapulse_resources.database import Database, statement
from alphapulse_resources.derived_store import TIMEFRAME_IDS

BARS_SHOWN: Final = 240
_SHOWN_FIRST: Final = ("1h", "15m", "5m", "1m", "4h", "1d", "1w")


def newest_rows(database: Database, derived: Derived, query: str) -> tuple[pl.DataFrame, str] | None:
    """The rows that `sql/<query>.sql` gives for the first symbol of a run, and whose they are.

    None where fewer than two bars were computed.
    """
    shown = [name for name in _SHOWN_FIRST if name in derived.windows]
    if not derived.subjects or not shown:
        return None
    subject, timeframe = derived.subjects[0], shown[0]
    end = derived.windows[timeframe][-1][1]
    frame = database.read(
        statement(query),
        (subject.instrument_id, TIMEFRAME_IDS[timeframe], derived.version, end, BARS_SHOWN),
    )
    return (frame, f"{subject} {timeframe}") if frame.height > 1 else None
