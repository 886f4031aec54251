"""The times of a file: in UTC, or in the zone that was told; never guessed."""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.model import CandleFileError, RawTable
from alphapulse_resources.candle_files.times import AmbiguousTimesError, Times, read_times
from alphapulse_resources.futures_history.files.columns import says_utc
from alphapulse_resources.futures_history.files.options import FUNDING, FileOptions

_NO_ZONE: Final = "times without a zone"
_USUAL_HOURS: Final = (0, 8, 16)
_SHOWN: Final = 3


def read_clock(table: RawTable, column: str, kind: str, options: FileOptions, notes: list[str]) -> Times:
    """The times of a column. Raises CandleFileError where nothing says of which zone they are."""
    values = table.frame[column]
    known = options.timezone or "UTC"
    step = timedelta(hours=8) if options.kind == FUNDING else timedelta(minutes=5)
    try:
        times = read_times(values, timezone=known, step=step, day_first=options.day_first)
    except AmbiguousTimesError as error:
        raise CandleFileError(f"{table.name}: column {column!r}: {error}") from error
    if times.ts.null_count() == times.ts.len():
        begins = values.head(_SHOWN).to_list()
        raise CandleFileError(f"{table.name}: no time could be read, column {column!r} begins {begins}")
    naive = any(note.startswith(_NO_ZONE) for note in times.notes)
    vouched = says_utc(column) or kind.startswith("binance-")
    if naive and options.timezone is None and not vouched:
        raise CandleFileError(_refusal(table, column, times, options))
    if naive and options.timezone is None:
        notes.append(
            f"times of {column!r} are UTC: {'its name' if says_utc(column) else 'the archive'} says so"
        )
    else:
        notes.extend(times.notes)
    if options.timezone is not None and not naive:
        notes.append(f"times of {column!r} say themselves when they are: --timezone is not used")
    return times


def _refusal(table: RawTable, column: str, times: Times, options: FileOptions) -> str:
    begins = ", ".join(str(value) for value in table.frame[column].head(_SHOWN).to_list())
    text = (
        f"{table.name}: its times say no zone (column {column!r} begins {begins}), and such files are "
        "not always UTC. Say which it is: --timezone UTC, an IANA name such as --timezone Europe/Berlin, or "
        "--timezone Etc/GMT-3 for UTC+3"
    )
    hint = _hint(times.ts) if options.kind == FUNDING else None
    return text if hint is None else f"{text}.\n{hint}"


def _hint(ts: pl.Series) -> str | None:
    """What the hours of settlements look like, where they are three a day."""
    rounded = (ts.drop_nulls() + timedelta(seconds=30)).dt.truncate("1m")
    common = rounded.dt.strftime("%H:%M").value_counts(sort=True).head(3)
    hours = sorted(common.to_series(0).to_list())
    if len(hours) < len(_USUAL_HOURS):
        return None
    ahead = int(hours[0][:2]) if hours[0].endswith(":00") else -1
    if hours != [f"{hour + ahead:02}:00" for hour in _USUAL_HOURS]:
        return None
    usual = ", ".join(f"{hour:02}:00" for hour in _USUAL_HOURS)
    if ahead == 0:
        return f"Its settlements are at {usual}, as most venues' are in UTC (or at UTC+8, UTC-8)."
    zones = ", ".join(f"UTC{offset:+d}" for offset in (ahead, ahead + 8, ahead - 8) if -12 <= offset <= 14)
    return (
        f"Its settlements are at {', '.join(hours)}; most venues' are at {usual} UTC: that would be {zones}."
    )
