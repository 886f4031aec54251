"""Columns that say whether a candle is closed: the closed one is the candle, the others are still forming."""

from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import find_closed_column, plain
from alphapulse_resources.candle_files.model import RawTable
from alphapulse_resources.candle_files.rejected import reject_rows, where

_CLOSED: Final = (
    "true",
    "1",
    "1.0",
    "yes",
    "y",
    "t",
    "closed",
    "final",
    "complete",
    "completed",
    "finished",
    "confirmed",
)
_FORMING: Final = (
    "false", "0", "0.0", "no", "n", "f", "open", "forming", "partial",
    "live", "incomplete", "ongoing", "unconfirmed",
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
        if not told.any() or not cells.filter(told).is_in([*_CLOSED, *_FORMING]).all():
            continue
        forming = cells.is_in(list(_FORMING)).fill_null(False)
        count = int(forming.sum())
        if count:
            rows = "row" if count == 1 else "rows"
            notes.append(f"{count:,} {rows} of candles still forming left out: so says column {name!r}")
        unsaid = where(~told, f"{name} does not say whether the candle is closed")
        rejects = reject_rows(table.frame, table.lines, None, unsaid)
        return table.only(~forming & told, rejects), count, name
    return table, 0, None
