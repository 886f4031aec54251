"""How one written time is written: the strptime format of a sample such as `2019-10-17 09-AM`."""

import re
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

_DATES: Final = (
    (re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}"), "%Y{0}%m{0}%d"),
    (re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{4}"), "{{1st}}{0}{{2nd}}{0}%Y"),
    (re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?!\d)"), "{{1st}}{0}{{2nd}}{0}%y"),
    (re.compile(r"\d{1,2}([- ])[A-Za-z]{3,9}\1\d{4}"), "%d{0}%B{0}%Y"),
    (re.compile(r"[A-Za-z]{3,9}( )\d{1,2}, \d{4}"), "%B %d, %Y"),
    (re.compile(r"[A-Za-z]{3,9}( )\d{1,2} \d{4}"), "%B %d %Y"),
    (re.compile(r"\d{8}(?=\D|$)"), "%Y%m%d"),
    (re.compile(r"\d{8}(?=\d{4}$|\d{6}$)"), "%Y%m%d"),
)
_CLOCKS: Final = (
    (re.compile(r""), "", " 00:00", " %H:%M"),
    (re.compile(r"\d{1,2}:\d{2}:\d{2}(\.\d+)?"), "%H:%M:%S%.f", "", ""),
    (re.compile(r"\d{1,2}:\d{2}"), "%H:%M", "", ""),
    (re.compile(r"(?i)\d{1,2}:\d{2}:\d{2} ?[ap]m"), "%I:%M:%S{space}%p", "", ""),
    (re.compile(r"(?i)\d{1,2}:\d{2} ?[ap]m"), "%I:%M{space}%p", "", ""),
    (re.compile(r"(?i)\d{1,2}-[ap]m"), "%I-%p", ":00", ":%M"),
    (re.compile(r"(?i)\d{1,2} ?[ap]m"), "%I{space}%p", ":00", ":%M"),
    (re.compile(r"\d{6}"), "%H%M%S", "", ""),
    (re.compile(r"\d{4}"), "%H%M", "", ""),
)
_UTC_WORD: Final = re.compile(r"(?i)(?<=\d)\s*(?:Z|UTC|GMT)$")
_OFFSET: Final = re.compile(r"(?i)(?<=\d)\s*(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?$")
_JOINT: Final = re.compile(r"[Tt]| +|, ?|")


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """A strptime format and what has to be done to a text before it fits."""

    strptime: str
    utc_word: str  # what the text ends with when it says that it is UTC: "Z", " UTC"
    offset: bool  # the text ends with its offset: +01:00, GMT+0100
    missing_text: str  # what polars needs and the text leaves out: " 00:00" after a date alone
    missing: str  # the format of that

    @property
    def swappable(self) -> bool:
        """Whether the day or the month could come first."""
        return "{1st}" in self.strptime

    def with_day_first(self, day_first: bool) -> "TimeFormat":
        """The format with day and month in their places."""
        first, second = ("%d", "%m") if day_first else ("%m", "%d")
        return replace(self, strptime=self.strptime.replace("{1st}", first).replace("{2nd}", second))


def guess_format(sample: str) -> TimeFormat | None:
    """The format of one written time, or None when it is no way of writing a time that is known."""
    word = _UTC_WORD.search(sample) if ":" in sample else None
    offset = _OFFSET.search(sample) if ":" in sample else None
    zone = word or offset
    text = sample[: zone.start()] if zone else sample
    for pattern, date_format in _DATES:
        date = pattern.match(text)
        clock = None if date is None else _guess_clock(text[date.end() :])
        if date is None or clock is None:
            continue
        joint, clock_format, missing_text, missing = clock
        date_part = date_format.format(date[1] if date.lastindex else "")
        strptime = date_part + joint + clock_format + missing + ("%z" if offset else "")
        return TimeFormat(strptime, word[0] if word else "", offset is not None, missing_text, missing)
    return None


def _guess_clock(rest: str) -> tuple[str, str, str, str] | None:
    """Joint, format, missing text and its format of what follows the date."""
    joint = _JOINT.match(rest)
    after = rest[joint.end() :] if joint else rest
    for pattern, clock_format, missing_text, missing in _CLOCKS:
        if pattern.fullmatch(after):
            space = " " if re.search(r" [apAP]", after) else ""
            return (joint[0] if joint else ""), clock_format.format(space=space), missing_text, missing
    return None


def day_and_month(text: pl.Series) -> tuple[int, int]:
    """The largest first and the largest second number of dates such as 01/02/2020."""
    parts = text.str.extract_groups(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}").struct.unnest()
    first, second = (parts.to_series(i).cast(pl.Int64).max() for i in (0, 1))
    return int(str(first or 0)), int(str(second or 0))
