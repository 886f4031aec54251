"""What the tables have of a topic, and which transactions those are: one read-only transaction. Blocking."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from alphapulse_api.broadcasting.bars import MOST as MOST_BARS
from alphapulse_api.broadcasting.rows import Row, stored_book
from alphapulse_api.broadcasting.states import MOST, Image
from alphapulse_api.broadcasting.topics import Key
from alphapulse_api.broadcasting.transactions import Seen
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.statements import template
from alphapulse_resources.frames import TIMEFRAMES, floor_time
from alphapulse_resources.streams.feeds import CANDLESTICKS, CHARTS, FAMILIES, SIGNALS, VOLUMES, Feed

Cursor = psycopg.Cursor[dict[str, Any]]

_MINUTE: Final = timedelta(minutes=1)
_REACH: Final = 3
"""So many times the length of all bars of a snapshot is looked back, for markets with holes (ours)."""
_STATUS: Final = (("book", "books_state"), ("stream", "workers_state"), ("gap", "gaps_state"))


class Snapshots:
    """Reads for topics. Safe between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def instruments(self) -> list[dict[str, Any]]:
        """All instruments: instrument_id, venue, symbol, tracked."""
        return self._database.rows(statement("live/instruments"))

    def read(self, key: Key, instrument_id: int | None) -> tuple[Seen, Image]:
        """What the tables have of a topic. Raises: psycopg.Error."""
        with self._database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            seen = Seen.read(cursor.execute(statement("live/seen")).fetchall()[0]["seen"])
            return seen, self._image(cursor, key, instrument_id)

    def _image(self, cursor: Cursor, key: Key, instrument_id: int | None) -> Image:
        given = {**key._asdict(), "instrument_id": instrument_id, "most": MOST}
        match key.channel:
            case "candles":
                return _candles(cursor, key, given, datetime.now(UTC))
            case "book":
                return Image(rows=[_named(key, stored_book(row)) for row in _rows(cursor, "book", given)])
            case "trades":
                return Image(rows=[_named(key, row) for row in _rows(cursor, "trades", given)])
            case "patterns":
                found = [
                    row for feed in (CANDLESTICKS, CHARTS, VOLUMES) for row in _of_bars(cursor, feed, given)
                ]
                found.sort(key=lambda row: (row["known_at"], row["ts"]))
                return Image(rows=found[-MOST:])
            case "signals":
                return Image(rows=_of_bars(cursor, SIGNALS, given))
            case "metrics":
                return Image(
                    rows=_rows(cursor, "market_metrics" if key.part == "market" else "futures", given)
                )
            case "status":
                return Image(
                    rows=[
                        {"kind": kind, **row} for kind, name in _STATUS for row in _rows(cursor, name, given)
                    ]
                )
            case other:
                return Image(rows=_rows(cursor, other, given))


def _candles(cursor: Cursor, key: Key, given: dict[str, Any], now: datetime) -> Image:
    """Stored bars, and the minutes since the one before the newest: longer bars are made a little later."""
    length = TIMEFRAMES[key.part]
    since = now - _REACH * MOST_BARS * length
    forming = next(iter(_rows(cursor, "forming", given)), None)
    if length == _MINUTE:
        minutes = _rows(cursor, "minutes", given | {"since": since, "most": MOST_BARS})
        return Image(minutes=minutes, forming=forming)
    until = floor_time(now, key.part) - length
    stored = template("templates/live/bars", table=f"ohlcv_{key.part}")
    bars = _clean(
        cursor.execute(stored, given | {"since": since, "until": until, "most": MOST_BARS}).fetchall()
    )
    minutes = _rows(cursor, "minutes", given | {"since": until, "most": 2 * (length // _MINUTE)})
    return Image(rows=bars, minutes=minutes, forming=forming)


def _of_bars(cursor: Cursor, feed: Feed, given: dict[str, Any]) -> list[Row]:
    columns = sql.SQL(", ").join(sql.Identifier("x", name) for name in feed.columns)
    query = template("templates/live/of_bars", table=feed.table, columns=columns)
    rows = _clean(cursor.execute(query, given).fetchall())
    family = {"family": FAMILIES[feed.code]} if feed.code in FAMILIES else {}
    head = ("venue", "symbol", "timeframe")
    return [{**{name: row[name] for name in head}, **family, **row} for row in rows]


def _rows(cursor: Cursor, name: str, given: dict[str, Any]) -> list[Row]:
    return _clean(cursor.execute(statement(f"live/{name}"), given).fetchall())


def _clean(rows: list[dict[str, Any]]) -> list[Row]:
    """As they would come over the wire: times as text, no number that JSON does not have."""
    cleaned: list[Row] = orjson.loads(orjson.dumps(rows, default=float, option=orjson.OPT_UTC_Z))
    return cleaned


def _named(key: Key, row: Row) -> Row:
    return {"venue": key.venue, "symbol": key.symbol, **row}
