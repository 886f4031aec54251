"""`alphapulse watchlists`: lists of symbols as rows."""

from alphapulse_assets.alerting.known_symbols import Symbol, known_symbol
from alphapulse_assets.alerting.refusals import RefusedError
from alphapulse_assets.alerting.watchlist_rows import (
    create_watchlist,
    delete_watchlist,
    put_symbols,
    take_symbols,
    update_watchlist,
    watchlist,
    watchlists,
)
from alphapulse_cli.database import open_database
from alphapulse_cli.output import Format, console, parse_format, print_records
from alphapulse_resources.database.client import Database


def show_watchlists(form: str) -> None:
    """List all of them."""
    style, found = parse_format(form), watchlists(open_database())
    if not found and style is Format.TABLE:
        console().print("there is no watchlist yet: alphapulse watchlists add NAME binance:BTC/USDT ...")
        return
    rows = [
        {
            "name": row["name"],
            "symbols": len(row["symbols"]),
            "rules": ", ".join(row["rules"] or ()),
            "note": row["note"] or "",
            "updated_at": row["updated_at"],
        }
        for row in found
    ]
    print_records(rows, ("name", "symbols", "rules", "note", "updated_at"), style)


def show_watchlist(name: str, form: str) -> None:
    """The symbols of one."""
    style, found = parse_format(form), watchlist(open_database(), name)
    if not found["symbols"] and style is Format.TABLE:
        console().print(
            f"{found['name']} has no symbols: alphapulse watchlists add {found['name']} SYMBOL ..."
        )
        return
    print_records(found["symbols"], ("venue", "symbol"), style)


def add_to_watchlist(name: str, symbols: list[str], note: str | None) -> None:
    """Make one, or add to one."""
    database = open_database()
    known = [_symbol(database, each) for each in symbols]
    try:
        watchlist(database, name)
    except RefusedError:
        found = create_watchlist(database, name, known, note=note, by="cli")
        done = "made"
    else:
        found = put_symbols(database, name, known)
        if note is not None:
            found = update_watchlist(database, name, note=note)
        done = "changed"
    text = f"watchlist {found['name']} {done}: {_count(found)}"
    console().print(text, markup=False, soft_wrap=True)


def remove_from_watchlist(name: str, symbols: list[str]) -> None:
    """Take symbols out, or remove it."""
    database = open_database()
    if not symbols:
        found = delete_watchlist(database, name)
        console().print(f"watchlist {found['name']} removed", markup=False)
        return
    found = take_symbols(database, name, [_symbol(database, each) for each in symbols])
    console().print(f"watchlist {found['name']} changed: {_count(found)}", markup=False)


def _count(found: dict[str, list[object]]) -> str:
    count = len(found["symbols"])
    return "1 symbol" if count == 1 else f"{count} symbols"


def _symbol(database: Database, text: str) -> Symbol:
    """What is meant by binance:BTC/USDT, or by BTC/USDT alone."""
    before, _, after = text.partition(":")
    venue, symbol = (before, after) if after and "/" not in before else (None, text)
    return known_symbol(database, venue, symbol, "symbols")
