"""Frames as an analyst gets them: plain types, times in UTC, oldest first. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from alphapulse.errors import QueryError

TIME: Final = pl.Datetime("us", "UTC")
"""The type of every time."""


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with polars' own types: numeric as Float64, JSON as text, times in microseconds of UTC.

    Raises QueryError for what has no such type, an interval or a range, with the cast that gives one.
    """
    columns = [_plain(column) for column in frame.get_columns()]
    return pl.DataFrame(columns)


def _plain(column: pl.Series) -> pl.Series:
    kind: Any = column.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None and kind != TIME:
        return column.cast(TIME)
    if isinstance(kind, pl.List):
        if not _is_foreign(kind.inner):
            return column
        return column.list.eval(pl.element().ext.storage().cast(_target(column.name, kind.inner)))
    if not _is_foreign(kind):
        return column
    return column.ext.storage().cast(_target(column.name, kind))


def _is_foreign(kind: Any) -> bool:
    return isinstance(kind, pl.BaseExtension)


def _target(name: str, kind: Any) -> Any:
    metadata = kind.ext_metadata() or ""
    if '"numeric"' in metadata:
        return pl.Float64
    if kind.ext_storage() == pl.String:
        return pl.String
    raise QueryError(
        f"column {name!r} has a type that frames do not know: cast it, to text ({name}::text) "
        f"or, a length of time, to seconds (extract(epoch FROM {name})::float8)"
    )


def oldest_first(frame: pl.DataFrame, *, newest_first: bool) -> pl.DataFrame:
    """Rows in the order of time."""
    return frame.reverse() if newest_first else frame


def together(frames: Sequence[pl.DataFrame], order: Sequence[str]) -> pl.DataFrame:
    """Frames of one shape as one, by `order`."""
    if len(frames) == 1:
        return frames[0]
    return pl.concat(frames).sort([name for name in order if name in frames[0].columns])
