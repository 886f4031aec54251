"""Reading a column of times: epoch numbers in any unit, ISO, 12-hour clocks, day or month first.

Everything comes back as UTC microseconds; what cannot be read comes back null and is the caller's reject.
Epoch units are told by the magnitude of each value, so that a file may change its unit half way
(Binance's spot archives did on 2025-01-01: milliseconds before, microseconds after).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.clock_text import TimeFormat, day_and_month, guess_format

UTC_TIME: Final = pl.Datetime("us", "UTC")
EPOCH_FROM: Final = 10**9
EPOCH_UNTIL: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
"""Epoch seconds that are believed: 2001-09-09, where they have ten digits, until 2100 (ours).

With that a number's digits tell its unit, and 20200101 or 20200101120000 are dates, not epochs.
"""
UNITS: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
MOST_SHAPES: Final = 50
"""So many differently written times are tried in one column; what is left is rejected (ours)."""


class AmbiguousTimesError(ValueError):
    """Nothing in the column tells whether 01/02/2020 is in January or in February."""


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times as it was read."""

    ts: pl.Series  # UTC_TIME; null where the value could not be read
    unit: str | None  # s, ms, us, ns, mixed; None for text
    notes: tuple[str, ...] = ()


def read_times(values: pl.Series, *, timezone: str, step: timedelta, day_first: bool | None = None) -> Times:
    """The times in `values`; those without a zone are `timezone`'s wall clock.

    `step` is the timeframe: when days and months could be swapped, the reading under which more
    neighbours are one step apart is taken. Raises AmbiguousTimesError when that decides nothing.
    """
    kind = values.dtype
    if isinstance(kind, pl.Datetime):
        return _zoned(values.cast(pl.Datetime("us", kind.time_zone)), timezone, kind.time_unit)
    if kind == pl.Date:
        return _zoned(values.cast(pl.Datetime("us")), timezone, None)
    if kind.is_numeric():
        numbers = values.cast(pl.Float64).fill_nan(None) if kind.is_float() else values.cast(pl.Int64)
        ts, unit, notes = _epochs(numbers)
        text = values.cast(pl.Int64, strict=False).cast(pl.String)
    else:
        text = values.cast(pl.String)
        ts, unit, notes = _epochs(_numbers(text))
    if ts.null_count() == 0:
        return Times(ts, unit, notes)
    written = _read_written(text.filter(ts.is_null()), timezone, step, day_first)
    ts = ts.scatter(ts.is_null().arg_true(), written.ts)
    return Times(ts, unit, (*notes, *written.notes))


def _numbers(text: pl.Series) -> pl.Series:
    """Epoch numbers in a text column. A mantissa with an exponent has lost its digits: it is no time."""
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == 0:
        return whole
    trimmed = text.str.strip_chars(" \t\"'")
    fraction = trimmed.str.contains(r"^\d{10,19}\.\d*$")
    if not fraction.any():
        return trimmed.cast(pl.Int64, strict=False)
    return trimmed.set(~trimmed.str.contains(r"^\d{10,19}(\.\d*)?$").fill_null(False), None).cast(pl.Float64)


def _epochs(numbers: pl.Series) -> tuple[pl.Series, str | None, tuple[str, ...]]:
    """Times of epoch numbers, the unit, and a note when there is more than one unit."""
    column = pl.col("n")
    within = {
        unit: (column >= EPOCH_FROM * scale) & (column < EPOCH_UNTIL * scale) for unit, scale in UNITS.items()
    }
    whole = numbers.dtype == pl.Int64
    as_us = {
        "s": column * 10**6,
        "ms": column * 10**3,
        "us": column,
        "ns": column // 1000 if whole else column / 1000,
    }
    us = pl.coalesce(pl.when(within[unit]).then(as_us[unit]) for unit in UNITS)
    frame = pl.DataFrame({"n": numbers}).select(
        ts=(us if whole else us.round()).cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        **{unit: condition.sum() for unit, condition in within.items()},
    )
    counts = {unit: int(frame[unit][0] or 0) for unit in UNITS} if frame.height else {}
    used = [unit for unit, count in counts.items() if count]
    if len(used) < 2:
        return frame["ts"], used[0] if used else None, ()
    spelled = ", ".join(f"{counts[unit]} in {unit}" for unit in used)
    return frame["ts"], "mixed", (f"epoch times in several units, each told by its size: {spelled}",)


def _zoned(values: pl.Series, timezone: str, unit: str | None) -> Times:
    """UTC times of date-times that have a zone or are `timezone`'s wall clock.

    A wall-clock time that a change of the clocks skips or repeats is no single moment: null.
    """
    kind = values.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return Times(values.dt.convert_time_zone("UTC"), unit)
    zoned = values.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return Times(zoned.dt.convert_time_zone("UTC"), unit, (f"times without a zone read as {timezone}",))


def _read_written(text: pl.Series, timezone: str, step: timedelta, day_first: bool | None) -> Times:
    """Times written as dates and clock times, one format after the other until none is left."""
    trimmed = text.str.strip_chars(" \t\"'")
    ts = pl.Series("ts", [None], dtype=UTC_TIME).new_from_index(0, text.len())
    notes: list[str] = []
    tried: set[TimeFormat] = set()
    for sample in _samples(trimmed, ts):
        form = guess_format(sample)
        if form is None or form in tried:
            continue
        tried.add(form)
        left = (ts.is_null() & trimmed.is_not_null()).arg_true()
        rest = trimmed.gather(left)
        if form.swappable:
            order, why = _day_order(rest, form, step, day_first)
            notes.append(why)
            form = form.with_day_first(order)
        read = _zoned(_parse(rest, form), "UTC" if form.utc_word else timezone, None)
        notes.extend(() if form.utc_word else read.notes)
        ts.scatter(left, read.ts)
    return Times(ts, None, tuple(dict.fromkeys(notes)))


def _samples(text: pl.Series, ts: pl.Series) -> Iterator[str]:
    """The first time, then one of each way of writing among those still not read, most frequent first.

    `ts` is filled by the caller between one sample and the next.
    """
    yield from text.drop_nulls().head(1)
    left = text.filter(ts.is_null() & text.is_not_null())
    shape = left.str.replace_all(r"\d", "9").str.replace_all(r"[A-Za-z]+", "a")
    shapes = pl.DataFrame({"text": left, "shape": shape}).group_by("shape", maintain_order=True)
    common = shapes.agg(pl.first("text"), pl.len()).sort("len", descending=True, maintain_order=True)
    yield from common["text"].head(MOST_SHAPES)


def _parse(text: pl.Series, form: TimeFormat) -> pl.Series:
    """`text` read with one format; Datetime without zone, or UTC where the text has its offset."""
    expression = pl.col("text")
    if form.utc_word:
        ends = expression.str.ends_with(form.utc_word)
        expression = pl.when(ends).then(expression.str.strip_suffix(form.utc_word))
    if form.offset:
        expression = expression.str.replace(r"(?i)\s*(?:UTC|GMT)?([+-]\d\d:?(?:\d\d)?)$", "$1")
        expression = expression.str.replace(r"([+-]\d\d)$", "${1}00")
    if form.missing:
        expression = pl.concat_str(expression, pl.lit(form.missing_text))
    return pl.DataFrame({"text": text}).select(
        expression.str.strptime(pl.Datetime("us"), form.strptime, strict=False)
    )["text"]


def _day_order(
    text: pl.Series, form: TimeFormat, step: timedelta, day_first: bool | None
) -> tuple[bool, str]:
    """Whether the day comes first in dates such as 01/02/2020, and in words why."""
    if day_first is not None:
        return day_first, f"{'day' if day_first else 'month'} first in dates such as {text[0]!r}, as told"
    first, second = day_and_month(text)
    if first > 12 and second > 12:
        raise AmbiguousTimesError("some dates have the day first and some the month")
    if first > 12 or second > 12:
        return first > 12, f"{'day' if first > 12 else 'month'} first in dates such as {text[0]!r}"
    steps = {order: _neighbours(_parse(text, form.with_day_first(order)), step) for order in (True, False)}
    if steps[True] == steps[False]:
        if "." in str(text[0]).split(" ")[0]:
            return True, f"day first in dates such as {text[0]!r}: dates with points are written so"
        raise AmbiguousTimesError(
            f"{text[0]!r} could have the day or the month first and no row of the file tells which; "
            "say which with --day-first or --month-first, or write the dates as 2020-02-01"
        )
    order = steps[True] > steps[False]
    first_part = "day" if order else "month"
    return order, f"{first_part} first in dates such as {text[0]!r}: so the rows are one step apart"


def _neighbours(ts: pl.Series, step: timedelta) -> int:
    """How many neighbouring rows are exactly one step apart, in either direction."""
    return int((ts.diff().abs() == step).sum())
