"""What a topic knows: its newest rows, from which snapshots are made, and what each event adds. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from alphapulse_api.broadcasting.bars import Bars
from alphapulse_api.broadcasting.rows import Row
from alphapulse_api.broadcasting.topics import Key
from alphapulse_resources.streams.feeds import BOOKS, FORMING, Feed

MOST: Final = 100
"""Rows of a snapshot (ours): history is for REST."""
_KEPT: Final = 2 * MOST

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "trades": ("venue", "symbol", "ts"),
    "whales": ("venue", "symbol", "ts", "kind", "side", "price", "reference"),
    "patterns": ("venue", "symbol", "timeframe", "ts", "family", "pattern", "pattern_id", "stage"),
    "signals": ("venue", "symbol", "timeframe", "ts", "configuration_version"),
    "alerts": ("venue", "symbol", "ts", "kind", "reference"),
    "metrics": ("provider", "venue", "symbol"),
    "sentiment": ("venue", "symbol"),
    "status": ("kind", "venue", "symbol", "shard", "run_id", "dataset", "gap_start"),
}
"""Fields by which rows of a channel are the same one: a later row takes the earlier one's place."""


@dataclass(frozen=True, slots=True)
class News:
    """What subscribers are told. `conflated`: of several of these only the newest counts."""

    rows: Sequence[Row]
    conflated: bool = False


@dataclass(slots=True, kw_only=True)
class Image:
    """What was read from tables. `minutes` and `forming` are of candles."""

    rows: Sequence[Row] = ()
    minutes: Sequence[Row] = ()
    forming: Row | None = None


class State(Protocol):
    """Of one topic."""

    def load(self, image: Image) -> None:
        """Begin with what the tables have."""

    def take(self, feed: Feed, row: Row) -> Iterable[News]:
        """Take an event."""

    def merge(self, image: Image) -> Iterable[News]:
        """Take what was read anew, as somebody said that there is something new."""

    @property
    def rows(self) -> list[Row]:
        """The snapshot's."""


class CandleState:
    """Bars of one instrument and timeframe. Raises TooOldError where they have to be read anew."""

    def __init__(self, key: Key) -> None:
        self._bars = Bars(key.part)
        self._names: Row = {"venue": key.venue, "symbol": key.symbol}

    def load(self, image: Image) -> None:
        """See `State`."""
        bars, minutes = ([self._names | row for row in rows] for rows in (image.rows, image.minutes))
        self._bars.load(bars, minutes, None if image.forming is None else self._names | image.forming)

    def take(self, feed: Feed, row: Row) -> Iterable[News]:
        """See `State`."""
        if feed is not FORMING:
            if closed := self._bars.minute(row):
                yield News(closed)
            elif (forming := self._bars.forming_now) is not None:
                yield News([forming], conflated=True)
            return
        closed, bar = self._bars.forming(row)
        if closed:
            yield News(closed)
        if bar is not None:
            yield News([bar], conflated=True)

    def merge(self, image: Image) -> Iterable[News]:
        """See `State`."""
        return ()

    @property
    def rows(self) -> list[Row]:
        """See `State`."""
        return self._bars.rows


class BookState:
    """The newest state of one book; that it is not proven any more is a state, too."""

    def __init__(self) -> None:
        self._row: Row | None = None

    def load(self, image: Image) -> None:
        """See `State`. What was told live may be newer than what is stored once a second."""
        stored = image.rows[0] if image.rows else None
        if stored is None or (self._row is not None and _newer(self._row, stored)):
            return
        self._row = stored

    def take(self, feed: Feed, row: Row) -> Iterable[News]:
        """See `State`."""
        if feed is BOOKS:
            self._row = row
        elif self._row is not None:
            if self._row["state"] == row["state"]:
                return
            self._row = self._row | {"state": row["state"], "cause": row["cause"]}
        else:
            return
        yield News([self._row], conflated=True)

    def merge(self, image: Image) -> Iterable[News]:
        """See `State`."""
        return ()

    @property
    def rows(self) -> list[Row]:
        """See `State`."""
        return [] if self._row is None else [self._row]


@dataclass(slots=True)
class RowState:
    """The newest rows of a channel, each told once. `whole`: all rows there are, so that none is let go."""

    key: tuple[str, ...]
    whole: bool = False
    _rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)

    def load(self, image: Image) -> None:
        """See `State`."""
        self._rows = {self._key(row): row for row in image.rows}

    def take(self, feed: Feed, row: Row) -> Iterable[News]:
        """See `State`. What is known as it is was told before."""
        if self._rows.get(self._key(row)) != row:
            self._keep(row)
            yield News([row])

    def merge(self, image: Image) -> Iterable[News]:
        """See `State`: rows that are new or have changed."""
        changed = [row for row in image.rows if self._rows.get(self._key(row)) != row]
        for row in changed:
            self._keep(row)
        if changed:
            yield News(changed)

    @property
    def rows(self) -> list[Row]:
        """See `State`."""
        rows = list(self._rows.values())
        return rows if self.whole else rows[-MOST:]

    def _keep(self, row: Row) -> None:
        key = self._key(row)
        self._rows.pop(key, None)  # it is the newest now
        self._rows[key] = row
        if not self.whole and len(self._rows) > _KEPT:
            self._rows = dict(list(self._rows.items())[-MOST:])

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in self.key)


def state_of(key: Key) -> State:
    """The state that a topic has before it is loaded."""
    if key.channel == "candles":
        return CandleState(key)
    if key.channel == "book":
        return BookState()
    return RowState(KEYS[key.channel], whole=key.channel in ("metrics", "sentiment", "status"))


def _newer(one: Row, other: Row) -> bool:
    return (one["ts"] or "", one["update_id"] or 0) > (other["ts"] or "", other["update_id"] or 0)
