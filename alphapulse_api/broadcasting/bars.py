"""Bars of one timeframe out of closed and forming minutes as they are told. Pure.

A bar is that of the view `ohlcv`: built from the minutes there are, `bars` of them. It closes with its last
minute, or with the first minute after it; a minute that comes later changes it, and it is told again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from alphapulse_resources.frames import TIMEFRAMES, floor_time

Row = dict[str, Any]

MOST: Final = 100
"""Closed bars that a snapshot has: history is for REST (ours)."""
_MINUTE: Final = timedelta(minutes=1)
_SUMS: Final = ("volume", "quote_volume", "trades", "taker_buy_volume")


class TooOldError(LookupError):
    """A minute of a bar whose other minutes are not kept: read the tables again."""


class Bars:
    """One instrument's bars of a timeframe. Rows of minutes have `ts` as RFC 3339, as they are told."""

    def __init__(self, timeframe: str) -> None:
        self._name = timeframe
        self._length = TIMEFRAMES[timeframe]
        self._expected = self._length // _MINUTE
        self._closed: dict[datetime, Row] = {}
        self._minutes: dict[datetime, dict[datetime, Row]] = {}  # of the two newest bars
        self._over: datetime | None = None  # up to here bars are closed
        self._forming: tuple[datetime, Row] | None = None  # the minute

    def load(self, bars: Iterable[Row], minutes: Iterable[Row], forming: Row | None) -> None:
        """Begin with stored bars, oldest first, and the minutes since the one before the newest bar."""
        self._closed = {_time(bar): self._as_bar(bar) for bar in bars}
        self._minutes, self._forming, self._over = {}, None, max(self._closed, default=None)
        for minute in minutes:
            self.minute(minute)
        if forming is not None:
            self.forming(forming)

    @property
    def rows(self) -> list[Row]:
        """The newest closed bars, oldest first, then the one that is forming."""
        closed = [self._closed[ts] for ts in sorted(self._closed)[-MOST:]]
        forming = self.forming_now
        return closed + ([forming] if forming is not None else [])

    def minute(self, row: Row) -> list[Row]:
        """Take a closed minute; the bars that are closed, or closed anew, by it.

        Raises: TooOldError.
        """
        ts = _time(row)
        start = floor_time(ts, self._name)
        if start not in self._minutes:
            if self._minutes and start < max(self._minutes):
                if start in self._closed or self._expected == 1:
                    return self._late(start, row)
                raise TooOldError(f"a minute of {start} came late")
            self._begin(start)
        self._minutes[start][ts] = row
        if self._forming is not None and self._forming[0] <= ts:
            self._forming = None
        told = self._close_before(start)
        if ts + _MINUTE >= start + self._length or (self._over is not None and start <= self._over):
            told.append(self._close(start))
        return told

    def forming(self, row: Row) -> tuple[list[Row], Row | None]:
        """Take a forming minute: bars that it closes, and the bar that it is part of (None: over already)."""
        ts = _time(row)
        start = floor_time(ts, self._name)
        minutes = self._minutes.get(start, {})
        if ts in minutes or (self._over is not None and start <= self._over):
            return [], None
        if minutes and ts < max(minutes):
            return [], None
        self._forming = (ts, row)
        if start not in self._minutes:
            self._begin(start)
        return self._close_before(start), self.forming_now

    def _late(self, start: datetime, row: Row) -> list[Row]:
        if self._expected > 1:
            raise TooOldError(f"a minute of {start} came late")
        self._closed[start] = self._as_bar(row)
        return [self._closed[start]]

    def _begin(self, start: datetime) -> None:
        self._minutes[start] = {}
        for old in sorted(self._minutes)[:-2]:
            del self._minutes[old]

    def _close_before(self, start: datetime) -> list[Row]:
        """Bars whose last minute never came end with what comes after them."""
        return [
            self._close(old)
            for old in sorted(self._minutes)
            if old < start and self._minutes[old] and (self._over is None or old > self._over)
        ]

    def _close(self, start: datetime) -> Row:
        bar = self._made(start, self._minutes[start], closed=True)
        self._closed[start] = bar
        self._over = start if self._over is None else max(self._over, start)
        if len(self._closed) > 2 * MOST:
            for old in sorted(self._closed)[:-MOST]:
                del self._closed[old]
        return bar

    @property
    def forming_now(self) -> Row | None:
        """The bar that is not closed yet, as far as it is known."""
        newest = max(self._minutes, default=None)
        if newest is None or (self._over is not None and newest <= self._over):
            return None
        minutes = dict(self._minutes[newest])
        if self._forming is not None and floor_time(self._forming[0], self._name) == newest:
            minutes[self._forming[0]] = self._forming[1]
        return self._made(newest, minutes, closed=False) if minutes else None

    def _made(self, start: datetime, minutes: dict[datetime, Row], *, closed: bool) -> Row:
        rows = [minutes[ts] for ts in sorted(minutes)]
        first, last = rows[0], rows[-1]
        bar = {
            **first,
            "ts": _text(start),
            "timeframe": self._name,
            "high": max(row["high"] for row in rows),
            "low": min(row["low"] for row in rows),
            "close": last["close"],
            "received_at": max(row["received_at"] for row in rows),
        }
        for name in _SUMS:
            known = [row[name] for row in rows if row[name] is not None]
            bar[name] = sum(known) if known else None
        return bar | {"bars": len(rows), "complete": closed and len(rows) == self._expected, "closed": closed}

    def _as_bar(self, row: Row) -> Row:
        bars = row.get("bars", 1)
        made = {**row, "timeframe": self._name, "bars": bars, "closed": True}
        return made | {"complete": bars == self._expected}


def _time(row: Row) -> datetime:
    return datetime.fromisoformat(row["ts"])


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
