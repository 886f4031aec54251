"""`alphapulse symbols`: what is tracked. The work is done by SQL functions that anybody may call."""

import difflib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.meant import known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import console, duration, notes, parse_format, print_records
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import NameRefusedError, check_name, known_name, symbol_name
from alphapulse_resources.settings import Settings, get_settings

if TYPE_CHECKING:  # what asks venues takes a second to import, and `symbols list` asks none
    from alphapulse_resources.venues.client import VenueClient
    from alphapulse_resources.venues.model import Market, VenueError
    from alphapulse_resources.venues.rate_limit import RateLimiter

PATIENCE_SECONDS: Final = 20.0
"""Longest wait for a free place in a venue's rate limit while somebody sits at the terminal (ours)."""
SIMILAR: Final = 0.5
"""How alike a symbol must be to be suggested, by difflib's ratio (ours)."""

_LISTED: Final = (
    "venue", "symbol", "venue_symbol", "kind", "tracked", "active", "history_start", "oldest", "newest",
    "age_seconds", "successor", "problem",
)  # fmt: skip
_FOUND: Final = ("symbol", "venue_symbol", "kind", "active", "tick_size", "lot_size", "listed_at")


def add(venue: str, symbols: Sequence[str], history_days: int | None, *, check: bool) -> None:
    """Track symbols, all or none of them; the venue is asked first when it can be reached."""
    from alphapulse_assets.instruments.resolve import resolve_venue
    from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter

    venue = _client_of(venue)
    database, settings = open_database(), get_settings()
    symbols = _as_meant(database, venue, symbols, asks=check)
    limiter = DatabaseRateLimiter(database.dsn, max_wait=min(PATIENCE_SECONDS, settings.venues.wait_seconds))
    markets = _ask(venue, limiter) if check else None
    if markets is not None:
        _check_symbols(venue, symbols, markets)
    history = timedelta(days=history_days or settings.history.days)
    with database.transaction() as connection:
        for symbol in symbols:
            connection.execute("SELECT track_symbol(%s, %s, %s)", [venue, symbol, history])
    if markets is not None:
        resolve_venue(database, venue, markets, now=datetime.now(UTC))
    later = "" if markets is not None else "; it is looked up as soon as the venue can be asked"
    for symbol in symbols:
        console().print(f"tracking {venue} {symbol}, {history.days} days of history{later}", markup=False)


def remove(venue: str, symbols: Sequence[str]) -> None:
    """Stop tracking symbols, all or none of them."""
    database = open_database()
    venue = known_or_as_asked(venue, venues_of(database))
    symbols = [known_or_as_asked(symbol, symbols_of(database, venue)) for symbol in symbols]
    with database.transaction() as connection:
        for symbol in symbols:
            connection.execute("SELECT untrack_symbol(%s, %s)", [venue, symbol])
    for symbol in symbols:
        console().print(f"no longer tracking {venue} {symbol}; its history stays", markup=False)


def rename(venue: str, old: str, new: str) -> None:
    """Record the successor of a symbol."""
    database = open_database()
    venue = known_or_as_asked(venue, venues_of(database))
    old, (new,) = known_or_as_asked(old, symbols_of(database, venue)), _as_meant(database, venue, [new])
    database.rows(
        "SELECT rename_symbol(%(venue)s, %(old)s, %(new)s)", {"venue": venue, "old": old, "new": new}
    )
    tracked = [row["symbol"] for row in _known(database, everything=False) if row["venue"] == venue]
    console().print(f"{venue} {old} goes on as {new}", markup=False)
    if new not in tracked:
        notes().print(f"{new} is not tracked yet: alphapulse symbols add {venue} {new}", markup=False)


def show(*, everything: bool, form: str) -> None:
    """List instruments with their candles' reach."""
    style = parse_format(form)
    rows = _known(open_database(), everything=everything)
    if not style.for_people:
        print_records(rows, _LISTED, style)
        return
    if not rows:
        console().print("nothing is tracked yet: alphapulse symbols add binance BTC/USDT")
        return
    shown = [{**row, "age": duration(row["age_seconds"])} for row in rows]
    columns = ["venue", "symbol", "kind", "history_start", "oldest", "newest", "age", "successor", "problem"]
    if everything:
        columns.insert(3, "tracked")
    used = [name for name in columns if name not in ("successor", "problem") or any(r[name] for r in rows)]
    print_records(shown, used, style)


def search(venue: str, text: str, form: str) -> None:
    """Print the venue's symbols that contain a text, by the unified or the venue's own name."""
    from alphapulse_resources.venues.model import VenueError
    from alphapulse_resources.venues.rate_limit import LocalRateLimiter

    style = parse_format(form)
    venue = _client_of(venue)
    wanted = text.casefold()
    try:
        markets = _client(LocalRateLimiter(max_wait=PATIENCE_SECONDS)).markets(venue)
    except VenueError as error:
        raise CommandError(_unasked(venue, error)) from None
    found = [
        market
        for market in markets
        if wanted in market.symbol.casefold() or wanted in market.venue_symbol.casefold()
    ]
    if not found:
        raise CommandError(f"{venue} lists nothing with {text!r} in its name")
    print_records([{name: getattr(m, name) for name in _FOUND} for m in found], _FOUND, style)


def _known(database: Database, *, everything: bool) -> list[dict[str, Any]]:
    return database.rows(statement("status/symbols"), {"everything": everything})


def platform_settings() -> Settings:
    """The settings with the venues as the platform of this home sees them: beside the demo its simulator."""
    from dotenv import dotenv_values

    settings = get_settings()
    platform = dotenv_values(settings.home / "dagster.env")
    venue_url = settings.venue_url or platform.get("ALPHAPULSE_VENUE_URL")
    return settings.model_copy(update={"venue_url": venue_url})


def _client(limiter: "RateLimiter") -> "VenueClient":
    from alphapulse_resources.venues.client import VenueClient

    return VenueClient(platform_settings(), limiter)


def _client_of(venue: str) -> str:
    """The venue that is meant, of those that have a client."""
    from alphapulse_resources.venues.registry import VENUES

    found = known_name(venue, VENUES)
    if found is None:
        raise CommandError(f"there is no client for venue {venue!r}: use one of {', '.join(sorted(VENUES))}")
    return found


def _as_meant(database: Database, venue: str, symbols: Sequence[str], *, asks: bool = False) -> list[str]:
    """Symbols as they are known, or in the unified form; a venue that is asked has better words."""
    known = symbols_of(database, venue)
    try:
        for symbol in symbols:
            check_name("symbol", symbol.strip())
        return [
            symbol.strip() if asks and "/" not in symbol else symbol_name(symbol, known) for symbol in symbols
        ]
    except NameRefusedError as error:
        raise CommandError(str(error)) from None


def _ask(venue: str, limiter: "RateLimiter") -> "list[Market] | None":
    """What the venue lists; None, with a word about it, when it cannot be asked now."""
    from alphapulse_resources.venues.model import VenueError

    try:
        return _client(limiter).markets(venue)
    except VenueError as error:
        notes().print(_unasked(venue, error), markup=False, style="yellow")
        return None


_REASONS: Final = (
    ("NameResolutionError", "the name of its server cannot be resolved: is this machine on the network?"),
    ("ConnectTimeout", "its server does not answer: is this machine on the network?"),
    ("Connection refused", "its server takes no connection"),
    ("timed out", "its server does not answer in time"),
)
"""What long errors of the way to a venue mean."""


def _unasked(venue: str, error: "VenueError") -> str:
    """That a venue cannot be asked now, why in short, and what can be done."""
    said = str(error)
    why = next((words for phrase, words in _REASONS if phrase in said), f"{error.kind}: {said}")
    return (
        f"{venue} cannot be asked now: {why} `alphapulse demo` needs no network; `symbols add --no-check` "
        "tracks a symbol that is looked up later"
    )


def _check_symbols(venue: str, symbols: Sequence[str], markets: "Sequence[Market]") -> None:
    listed = {market.symbol: market for market in markets}
    problems = []
    for symbol in symbols:
        if symbol not in listed:
            near = _similar(symbol, markets)
            problems.append(f"{venue} does not list {symbol}" + (f"; did you mean {near}?" if near else ""))
        elif not listed[symbol].active:
            notes().print(f"{venue} does not trade {symbol} at present", markup=False, style="yellow")
    if problems:
        hint = f"See alphapulse symbols search {venue} TEXT, or --no-check."
        raise CommandError("\n".join([*problems, hint]))


def _similar(symbol: str, markets: "Sequence[Market]") -> str:
    """Symbols that may have been meant, best first; the venue's own names count too."""
    names = {market.symbol.upper(): market.symbol for market in markets}
    own = {market.venue_symbol.upper(): market.symbol for market in markets}
    exact = [names.get(symbol.upper()) or own.get(symbol.upper())]
    near = difflib.get_close_matches(symbol.upper(), names, n=3, cutoff=SIMILAR)
    return ", ".join(dict.fromkeys(name for name in [*exact, *(names[n] for n in near)] if name))
