"""Watchlists as rows: made, changed, listed, removed. One way for the command line and the API."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from alphapulse_assets.alerting.known_symbols import Symbol, known_symbol
from alphapulse_assets.alerting.refusals import RefusedError, reword
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import did_you_mean

MOST: Final = 1_000
"""Symbols of a watchlist at most (ours)."""


def create_watchlist(
    database: Database, name: str, symbols: Sequence[Symbol] = (), *, note: str | None = None, by: str
) -> dict[str, Any]:
    """Make a watchlist; as `watchlist` gives it. `by` is who makes it.

    Raises:
        RefusedError: the name is taken, or a symbol is not known; nothing is made then.
    """
    name, known = _name(name), _known(database, symbols)
    with database.transaction() as connection:
        try:
            connection.execute(
                statement("alerts/watchlists/create"), {"name": name, "note": note, "created_by": by}
            )
        except psycopg.errors.UniqueViolation:
            raise RefusedError("name", f"there is a watchlist called {name} already") from None
        _put(connection, name, known, 0)
    return watchlist(database, name)


def watchlists(database: Database) -> list[dict[str, Any]]:
    """All watchlists by name: columns of sql/alerts/watchlists/list.sql."""
    return database.rows(statement("alerts/watchlists/list"), {"name": None})


def watchlist(database: Database, name: str) -> dict[str, Any]:
    """One watchlist, by its name, as `watchlists` gives them.

    Raises:
        RefusedError: there is none; parameter `watchlist`.
    """
    rows = database.rows(statement("alerts/watchlists/list"), {"name": name.strip()})
    if not rows:
        known = [row["name"] for row in watchlists(database)]
        more = did_you_mean(name, known) or ("; there are none yet" if not known else "")
        raise RefusedError("watchlist", f"there is no watchlist {name!r}{more}", missing=True)
    return rows[0]


def update_watchlist(
    database: Database,
    name: str,
    *,
    new_name: str | None = None,
    note: str | None = None,
    symbols: Sequence[Symbol] | None = None,
) -> dict[str, Any]:
    """Change what is given: its name, its note, or all of its symbols, in this order."""
    found = watchlist(database, name)
    known = None if symbols is None else _known(database, symbols)
    now = found["name"] if new_name is None else _name(new_name)
    given = {"name": found["name"], "new_name": now, "note": found["note"] if note is None else note or None}
    with database.transaction() as connection:
        try:
            connection.execute(statement("alerts/watchlists/note"), given)
        except psycopg.errors.UniqueViolation:
            raise RefusedError("name", f"there is a watchlist called {now} already") from None
        if known is not None:
            connection.execute(statement("alerts/watchlists/clear"), {"name": now})
            _put(connection, now, known, 0)
    return watchlist(database, now)


def put_symbols(database: Database, name: str, symbols: Sequence[Symbol]) -> dict[str, Any]:
    """Put symbols at the end of a watchlist; those that are in it stay where they are."""
    found, known = watchlist(database, name), _known(database, symbols)
    if len(found["symbols"]) + len(known) > MOST:
        raise RefusedError("symbols", f"a watchlist has {MOST} symbols at most")
    with database.transaction() as connection:
        _put(connection, found["name"], known, None)
    return watchlist(database, name)


def take_symbols(database: Database, name: str, symbols: Sequence[Symbol]) -> dict[str, Any]:
    """Take symbols out of a watchlist.

    Raises:
        RefusedError: one is not in it; nothing is taken out then.
    """
    found = watchlist(database, name)
    there = {(each["venue"], each["symbol"]) for each in found["symbols"]}
    for venue, symbol in symbols:
        if (venue, symbol) not in there:
            more = did_you_mean(symbol, [each[1] for each in there])
            raise RefusedError(
                "symbols", f"{symbol} at {venue} is not in {found['name']}{more}", missing=True
            )
    with database.transaction() as connection:
        for venue, symbol in symbols:
            connection.execute(
                statement("alerts/watchlists/take"), {"name": found["name"], "venue": venue, "symbol": symbol}
            )
    return watchlist(database, name)


def delete_watchlist(database: Database, name: str) -> dict[str, Any]:
    """Remove a watchlist; as it was.

    Raises:
        RefusedError: there is none, or a rule watches it.
    """
    found = watchlist(database, name)
    if found["rules"]:
        watching = ", ".join(found["rules"])
        raise RefusedError("watchlist", f"{found['name']} is watched by {watching}: remove that first")
    try:
        database.execute(statement("alerts/watchlists/remove"), {"name": found["name"]})
    except psycopg.Error as error:  # a rule was made in between
        raise reword(error, "watchlist") from None
    return found


def _put(
    connection: psycopg.Connection[Any], name: str, symbols: Sequence[Symbol], first: int | None
) -> None:
    for place, (venue, symbol) in enumerate(symbols):
        position = None if first is None else first + place
        given = {"name": name, "venue": venue, "symbol": symbol, "position": position}
        connection.execute(statement("alerts/watchlists/put"), given)


def _known(database: Database, symbols: Sequence[Symbol]) -> list[Symbol]:
    """The symbols as they are known, each once."""
    if len(symbols) > MOST:
        raise RefusedError("symbols", f"a watchlist has {MOST} symbols at most")
    found = dict.fromkeys(known_symbol(database, *each, parameter="symbols") for each in symbols)
    return list(found)


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise RefusedError("name", "a name has 1 to 64 characters, all of which can be seen")
    return name
