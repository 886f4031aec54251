"""Frames as columns of JSON, page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

from alphapulse.readings.reading import RefusedError


def columnar(frame: pl.DataFrame, limit: int, order: Sequence[str]) -> dict[str, Any]:
    """Columns by name, the number of rows, and the cursor of the next page (None after the last)."""
    more = frame.height > limit
    page = frame.head(limit)
    after = write_cursor([page.item(-1, name) for name in order]) if more else None
    return {
        "columns": {name: _values(page[name]) for name in page.columns},
        "rows": page.height,
        "next": after,
    }


def write_cursor(values: Sequence[Any]) -> str:
    """The place after a row, as text that is put into the next question."""
    return urlsafe_b64encode(orjson.dumps(list(values), option=orjson.OPT_UTC_Z)).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """The values of a cursor. Raises: RefusedError where it is not one of ours."""
    try:
        values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise RefusedError(
            "cursor", "this cursor is not one that an answer gave: ask without it to begin anew"
        )
    return values


def _values(column: pl.Series) -> Any:
    if column.dtype.is_float() and not column.null_count():
        return column.to_numpy()
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_list()
    return column.to_list()
