"""Columns that say whether a candle is closed: the closed one is the candle, the others are still forming."""

from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import FORMING, find_closed_column, plain
from alphapulse_resources.candle_files.model import RawTable
from alphapulse_resources.candle_files.rejected import reject_rows, where

_YES: Final = ("true", "1", "1.0", "yes", "y", "t", "✓", "✔")
_NO: Final = ("false", "0", "0.0", "no", "n", "f", "-1", "-1.0", "✗", "✘", "none", "null")
_CLOSED: Final = (
    "closed", "final", "finalized", "complete", "completed", "finished", "confirmed", "done", "ended",
    "historical",
)  # fmt: skip
_FORMING: Final = (
    "open", "forming", "partial", "live", "incomplete", "ongoing", "unconfirmed", "in progress",
    "in_progress", "update", "updating", "pending", "realtime", "real-time", "current", "running",
    "provisional", "unfinished",
)  # fmt: skip
_OWN: Final = "expected bars"
"""Beside it (AlphaPulse's own export) `complete` speaks of missing minutes, not of the candle's end."""


def leave_out_forming(table: RawTable, notes: list[str]) -> tuple[RawTable, int, str | None]:
    """The rows of closed candles, how many were forming, and the column that said so."""
    names = table.frame.columns
    own = any(plain(name) == _OWN for name in names)
    for name in find_closed_column(names):
        if own and plain(name) == "complete":
            continue
        cells = table.frame[name].cast(pl.String, strict=False).str.strip_chars("\"' ").str.to_lowercase()
        told = cells.fill_null("") != ""
        if not told.any() or not cells.filter(told).is_in([*_YES, *_NO, *_CLOSED, *_FORMING]).all():
            continue
        goes_on = _YES if plain(name) in FORMING else _NO
        forming = cells.is_in([*goes_on, *_FORMING]).fill_null(False)
        count = int(forming.sum())
        if count:
            rows = "row" if count == 1 else "rows"
            notes.append(f"{count:,} {rows} of candles still forming left out: so says column {name!r}")
        unsaid = where(~told, f"{name} does not say whether the candle is closed")
        rejects = reject_rows(table.frame, table.lines, None, unsaid)
        return table.only(~forming & told, rejects), count, name
    return table, 0, None
