"""Frames as JSON (columns or rows), CSV or an Arrow stream."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import numpy as np
import orjson
import polars as pl

Format = Literal["json", "csv", "arrow"]
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
}
_OPTIONS: Final = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
_LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)
_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of an answer. `json_columns`: those whose texts are JSON; `start`: where a span begins."""

    frame: pl.DataFrame
    next: str | None
    json_columns: frozenset[str] = frozenset()
    start: datetime | None = None


def written(page: Page, kind: Format, *, rows: bool = False, milliseconds: bool = False) -> bytes:
    """The bytes of a page."""
    match kind:
        case "json":
            return _json(page, rows=rows, milliseconds=milliseconds)
        case "csv":
            return _csv(page, milliseconds=milliseconds)
        case "arrow":
            buffer = io.BytesIO()
            _finite_times(page.frame).write_ipc_stream(buffer)
            return buffer.getvalue()


def _json(page: Page, *, rows: bool, milliseconds: bool) -> bytes:
    frame = _finite_times(page.frame)
    columns = {
        name: _values(frame[name], is_json=name in page.json_columns, milliseconds=milliseconds)
        for name in frame.columns
    }
    answer: dict[str, Any]
    if rows:
        lists = [each.tolist() if _plain(each) else list(each) for each in columns.values()]
        data = [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]
        answer = {"data": data}
    else:
        answer = {"columns": columns}
    answer |= {"rows": frame.height, "next": page.next}
    if page.start is not None:
        answer["start"] = page.start
    return orjson.dumps(answer, option=_OPTIONS)


def _plain(values: Any) -> bool:
    """Numbers of NumPy become Python's by `tolist`; times would lose their unit."""
    return isinstance(values, np.ndarray) and values.dtype.kind != "M"


def _values(column: pl.Series, *, is_json: bool, milliseconds: bool) -> Any:
    """What orjson writes fastest; it writes NaN and infinity as null."""
    kind = column.dtype
    if kind.is_float():
        return column.fill_null(float("nan")).to_numpy() if column.null_count() else column.to_numpy()
    if isinstance(kind, pl.Datetime):
        if milliseconds:
            return _numbers(column.dt.epoch("ms"))
        if column.null_count():
            return column.to_list()
        return column.dt.replace_time_zone(None).cast(pl.Datetime("us")).to_numpy()
    if is_json:
        return [None if text is None else orjson.Fragment(text) for text in column.to_list()]
    if kind.is_integer():
        return _numbers(column)
    return column.to_list()


def _numbers(column: pl.Series) -> Any:
    return column.to_list() if column.null_count() else column.to_numpy()


def _finite_times(frame: pl.DataFrame) -> pl.DataFrame:
    """PostgreSQL's infinite times, and what is beyond the calendar of Python and JSON, become null."""
    found = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    changed = []
    for name in found:
        earliest, latest = frame[name].min(), frame[name].max()
        try:
            beyond = latest is not None and (latest >= _LATEST or earliest < _EARLIEST)  # type: ignore[operator]
        except (OverflowError, ValueError):
            beyond = True
        if beyond:
            whole = pl.col(name).cast(pl.Int64)
            limits = _microseconds(_EARLIEST), _microseconds(_LATEST)
            changed.append(pl.when(whole.is_between(*limits)).then(pl.col(name)).alias(name))
    return frame.with_columns(changed) if changed else frame


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _csv(page: Page, *, milliseconds: bool) -> bytes:
    frame = _finite_times(page.frame)
    changed = []
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.List):
            texts = [
                None if each is None else orjson.dumps(each.to_list(), option=_OPTIONS).decode()
                for each in frame[name]
            ]
            changed.append(pl.Series(name, texts, dtype=pl.String))
        elif isinstance(kind, pl.Datetime) and milliseconds:
            changed.append(frame[name].dt.epoch("ms"))
        elif kind.is_float():
            changed.append(frame[name].fill_nan(None))
    frame = frame.with_columns(changed)
    return frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ").encode()


def names_of_json(types: Mapping[str, str], names: Sequence[str]) -> frozenset[str]:
    """Columns whose values are JSON already."""
    return frozenset(name for name in names if types.get(name) in ("json", "jsonb"))
