"""What the scan found, as rows: the same numbers and texts, whether one bar is told or a year."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl

from alphapulse_assets.patterns.chart import layout as at
from alphapulse_assets.patterns.chart.definitions import (
    CHART_CATALOGUE,
    CHART_EVENT_SCHEMA,
    DIRECTIONS,
    REASONS,
    STAGES,
)
from alphapulse_assets.patterns.chart.layout import Floats
from alphapulse_resources.frames import WEEK_ORIGIN

MICROSECOND: Final = timedelta(microseconds=1)
ORIGIN: Final = (WEEK_ORIGIN - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
_P: Final = at.EVENT_PATTERN
_NAMES: Final = tuple(CHART_CATALOGUE)
_TIME: Final = CHART_EVENT_SCHEMA["ts"]
_json: Final = msgspec.json.Encoder(order="sorted")


def frame(events: Floats, step: int) -> pl.DataFrame:
    """Events of the scan as CHART_EVENT_SCHEMA; `step` is the bar's length in microseconds."""
    ts = _micros(events[:, at.EVENT_X], step)
    used = np.arange(at.PIVOTS) < events[:, [_P + at.POINTS]]
    told = list(_texts(events, step))
    return pl.DataFrame(
        {
            "pattern_id": events[:, _P + at.ID].astype(np.int64),
            "ts": ts,
            "known_at": ts + step,
            "pattern": _named(events[:, _P + at.PATTERN], _NAMES),
            "direction": _named(events[:, _P + at.SIDE] + 1, DIRECTIONS),
            "scale": events[:, _P + at.SCALE],
            "stage": _named(events[:, _P + at.STAGE], STAGES),
            "completion": events[:, _P + at.COMPLETION],
            "pivot_ts": _lists(_micros(_block(events, at.POINT_X), step), used, _TIME),
            "pivot_prices": _lists(_block(events, at.POINT_PRICE), used, pl.Float64()),
            "lines": pl.Series([lines for lines, _ in told], dtype=pl.String()),
            "breakout_level": events[:, _P + at.LEVEL],
            "target": _nullable(events[:, _P + at.TARGET]),
            "invalidation": _nullable(events[:, _P + at.INVALIDATION]),
            "height": events[:, _P + at.HEIGHT],
            "atr": events[:, at.EVENT_ATR],
            "quality": events[:, _P + at.QUALITY],
            "volume_ratio": _nullable(events[:, at.EVENT_RATIO]),
            "volume_trend": _nullable(events[:, _P + at.VOLUME_TREND]),
            "detail": pl.Series([detail for _, detail in told], dtype=pl.String()),
        }
    ).cast(CHART_EVENT_SCHEMA)


def rows(events: Floats, step: int) -> list[dict[str, Any]]:
    """Events as rows of CHART_EVENT_SCHEMA: what `frame` gives, without the cost of a frame."""
    found = []
    for event, (lines, detail) in zip(events.tolist(), _texts(events, step), strict=True):
        ts = _moment(event[at.EVENT_X], step)
        pattern = event[_P:]
        points = int(pattern[at.POINTS])
        found.append(
            {
                "pattern_id": int(pattern[at.ID]),
                "ts": ts,
                "known_at": ts + step * MICROSECOND,
                "pattern": _NAMES[int(pattern[at.PATTERN])],
                "direction": DIRECTIONS[int(pattern[at.SIDE]) + 1],
                "scale": pattern[at.SCALE],
                "stage": STAGES[int(pattern[at.STAGE])],
                "completion": pattern[at.COMPLETION],
                "pivot_ts": [_moment(x, step) for x in pattern[at.POINT_X : at.POINT_X + points]],
                "pivot_prices": pattern[at.POINT_PRICE : at.POINT_PRICE + points],
                "lines": lines,
                "breakout_level": pattern[at.LEVEL],
                "target": _known(pattern[at.TARGET]),
                "invalidation": _known(pattern[at.INVALIDATION]),
                "height": pattern[at.HEIGHT],
                "atr": event[at.EVENT_ATR],
                "quality": pattern[at.QUALITY],
                "volume_ratio": _known(event[at.EVENT_RATIO]),
                "volume_trend": _known(pattern[at.VOLUME_TREND]),
                "detail": detail,
            }
        )
    return found


def _texts(events: Floats, step: int) -> Iterator[tuple[str, str]]:
    """Lines and detail of each event, as JSON."""
    for event in events.tolist():
        pattern = event[_P:]
        yield _encoded(_lines(pattern, step)), _encoded(_detail(event, pattern, step))


def _lines(pattern: list[float], step: int) -> dict[str, Any]:
    found = {
        name: _line(*pattern[place : place + 4], step=step)
        for name, place in (("lower", at.LOWER), ("upper", at.UPPER))
    }
    if _is_head(pattern):
        # its two points are the second and the fourth pivot
        x, price = pattern[at.POINT_X :], pattern[at.POINT_PRICE :]
        found["neckline"] = _line(x[1], price[1], x[3], price[3], step=step)
    return found


def _line(x0: float, p0: float, x1: float, p1: float, *, step: int) -> list[Any]:
    return [_moment(x0, step), p0, _moment(x1, step), p1]


def _detail(event: list[float], pattern: list[float], step: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reason": REASONS[int(event[at.REASON])],
        "close": event[at.EVENT_CLOSE],
        "length": pattern[at.LENGTH],
        "expires": _moment(np.floor(pattern[at.EXPIRES]), step),
        "false_breaks": int(pattern[at.FALSE_BREAKS]),
    }
    other, stage = int(event[at.OTHER]), int(pattern[at.STAGE])
    if other:
        found["came_from" if stage == at.FORMING else "became"] = other
    if _is_head(pattern):
        price = pattern[at.POINT_PRICE :]
        falls = (price[3] - price[1]) * (1 if pattern[at.PATTERN] == at.HEAD_AND_SHOULDERS else -1) < 0
        found["level_rule"] = "right armpit" if falls else "neckline"
    if pattern[at.PATTERN] in (at.DOUBLE_TOP, at.DOUBLE_TOP + 1):
        found["half_target"] = (pattern[at.LEVEL] + pattern[at.TARGET]) / 2
    return found


def _is_head(pattern: list[float]) -> bool:
    return pattern[at.PATTERN] in (at.HEAD_AND_SHOULDERS, at.HEAD_AND_SHOULDERS + 1)


def _encoded(value: dict[str, Any]) -> str:
    return _json.encode(value).decode()


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _moment(x: float, step: int) -> datetime:
    return WEEK_ORIGIN + round(x * step) * MICROSECOND


def _block(events: Floats, place: int) -> Floats:
    return events[:, _P + place : _P + place + at.PIVOTS]


def _micros(x: Floats, step: int) -> Any:
    """Microseconds since 1970; what is not there is 0 (never shown)."""
    return np.rint(np.nan_to_num(x) * step).astype(np.int64) + ORIGIN


def _lists(values: Any, used: Any, kind: pl.DataType) -> pl.Series:
    """The values in use of each row, as a list column."""
    row = np.repeat(np.arange(len(values)), used.sum(axis=1))
    flat = pl.DataFrame({"row": row, "value": pl.Series(values[used]).cast(kind)})
    return flat.group_by("row", maintain_order=True).agg("value")["value"]


def _nullable(values: Floats) -> pl.Series:
    return pl.Series(values, nan_to_null=True)


def _named(numbers: Floats, names: tuple[str, ...]) -> pl.Series:
    return pl.Series(names, dtype=pl.String()).gather(pl.Series(numbers.astype(np.int64)))
