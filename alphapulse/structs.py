"""JSON cells as columns of polars' own types, the same whatever a frame's rows hold. Pure."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl

from alphapulse.frames import TIME

REASON: Final = pl.Struct(
    {
        "timeframe": pl.String,
        "family": pl.String,
        "pattern": pl.String,
        "direction": pl.String,
        "reference": pl.String,
        "known_at": TIME,
        "confidence": pl.Float64,
        "weight": pl.Float64,
        "shape": pl.String,
    }
)
REASONS: Final = pl.Struct(
    {"counted": pl.List(REASON), "alike": pl.List(REASON), "overridden": pl.List(REASON)}
)
"""Why a signal is what it is: patterns that were counted, those that are one piece of evidence with them, and
those a higher timeframe overrode."""
PLAN: Final = (
    "entry",
    "stop",
    "target",
    "atr",
    "risk_atr",
    "reward_risk",
    "size",
    "notional",
    "risk",
    "risk_share",
    "capped",
    "risk_limited_by",
    "stop_from",
    "target_from",
    "plan_remark",
    "tick_size",
    "lot_size",
    "expires_at",
)
"""Columns of a signal that say what to do about it."""
LINE: Final = pl.Struct({"t0": TIME, "p0": pl.Float64, "t1": TIME, "p1": pl.Float64})
LINES: Final = pl.Struct({"lower": LINE, "upper": LINE, "neckline": LINE})
"""Lines of a chart pattern, each by two points; null where it has none."""
VERIFICATIONS: Final = pl.List(pl.Struct({"at": TIME, "source": pl.String}))
"""Who was asked for what is missing, and when."""


def with_plan(frame: pl.DataFrame) -> pl.DataFrame:
    """Signals with `plan` and `reasons` as structs."""
    names = [name for name in PLAN if name in frame.columns]
    if "entry" not in names:
        return frame
    at = frame.columns.index("entry")
    plan = frame.select(pl.struct(names).alias("plan"))["plan"]
    rest = frame.drop(names)
    return decoded(rest.insert_column(min(at, rest.width), plan), "reasons", REASONS)


def decoded(
    frame: pl.DataFrame, name: str, kind: Any, change: Callable[[Any], Any] | None = None
) -> pl.DataFrame:
    """The frame with a column of JSON as `kind`; keys that the kind does not have are left out."""
    if name not in frame.columns:
        return frame
    values = [None if text is None else json.loads(text) for text in frame[name]]
    if change is not None:
        values = [None if value is None else change(value) for value in values]
    return frame.with_columns(pl.Series(name, [_as(kind, value) for value in values], dtype=kind))


def line(points: Sequence[Any]) -> dict[str, Any]:
    """A line's four values by name."""
    return dict(zip(("t0", "p0", "t1", "p1"), points, strict=True))


def _as(kind: Any, value: Any) -> Any:
    """A value of JSON as polars takes it for `kind`: times as times, numbers as floats."""
    if value is None:
        return None
    if isinstance(kind, pl.Struct):
        return {field.name: _as(field.dtype, value.get(field.name)) for field in kind.fields}
    if isinstance(kind, pl.List):
        return [_as(kind.inner, each) for each in value]
    if kind == TIME:
        from datetime import datetime

        return datetime.fromisoformat(value)
    return float(value) if kind == pl.Float64 else value
