"""Which venue and symbol somebody means: in any letters' case, or the nearest that there is."""

from typing import Final

from alphapulse_cli.database import CommandError
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import NameRefusedError, did_you_mean, known_name, symbol_name, venue_name

LISTED: Final = 12
"""Names that a message lists at most (ours)."""


def meant(database: Database, venue: str, symbol: str, *, new_venue: bool = False) -> tuple[str, str]:
    """Venue and symbol as they are known, or are to be; raises CommandError when nobody knows the venue.

    Known venues are those of the database, and the exchanges that ccxt has a name for.
    """
    from alphapulse_resources.venues.registry import VENUES

    known = set(venues_of(database)) | set(VENUES)
    try:
        if known_name(venue, known) is None:
            known |= _exchanges()
        name = venue_name(venue, known, new=new_venue)
        return name, symbol_name(symbol, symbols_of(database, name))
    except NameRefusedError as error:
        raise CommandError(str(error)) from None


def venue_meant(database: Database, venue: str) -> str:
    """A venue as the database or the registry knows it; raises CommandError when they do not."""
    from alphapulse_resources.venues.registry import VENUES

    try:
        return venue_name(venue, {*venues_of(database), *VENUES})
    except NameRefusedError as error:
        raise CommandError(str(error)) from None


def venues_of(database: Database) -> list[str]:
    """Venues that the database knows."""
    return [row["venue"] for row in database.rows("SELECT venue FROM venues ORDER BY venue")]


def symbols_of(database: Database, venue: str | None) -> list[str]:
    """Symbols that are known of a venue, or of any."""
    rows = database.rows(statement("instruments/symbols"), {"venue": venue})
    return [row["symbol"] for row in rows]


def known_or_as_asked(name: str, known: list[str]) -> str:
    """The known name in its own letters, or what was asked."""
    return known_name(name, known) or name


def among(what: str, name: str, known: list[str]) -> str | None:
    """What to say of a name that is not among the known ones; None of one that is."""
    if name in known:
        return None
    suggested = did_you_mean(name, known)
    if not suggested and known:
        more = ", ..." if len(known) > LISTED else ""
        suggested = f"; there are {', '.join(known[:LISTED])}{more}"
    return f"{what} {name!r} is not known{suggested}"


def _exchanges() -> set[str]:
    import ccxt  # takes a second

    return set(ccxt.exchanges)
