"""Which symbol somebody means: in any letters' case; the venue may be left out where one alone tracks it."""

from typing import Final

from alphapulse_assets.alerting.refusals import RefusedError
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import did_you_mean, known_name

Symbol = tuple[str, str]
"""Venue and unified symbol."""
_TRACKED: Final = "SELECT venue FROM instruments WHERE symbol = %(symbol)s AND tracked ORDER BY venue"


def known_symbol(database: Database, venue: str | None, symbol: str, parameter: str = "symbol") -> Symbol:
    """Venue and symbol as they are known.

    Raises:
        RefusedError: nobody knows the one or the other, or without a venue several track the symbol.
    """
    all_known = _symbols(database, None)
    if venue is None:
        symbol = known_name(symbol, all_known) or symbol
        venues = [row["venue"] for row in database.rows(_TRACKED, {"symbol": symbol})]
        if len(venues) != 1:
            if venues:
                raise RefusedError("venue", f"{symbol} is tracked at {', '.join(venues)}: name the venue")
            advice = did_you_mean(symbol, all_known) or f": alphapulse symbols add VENUE {symbol}"
            words = f"symbol {symbol!r} is tracked nowhere{advice}"
            raise RefusedError(parameter, words, missing=True)
        return venues[0], symbol
    venues = [row["venue"] for row in database.rows("SELECT venue FROM venues ORDER BY venue")]
    found = known_name(venue, venues)
    if found is None:
        raise RefusedError(
            "venue", f"venue {venue!r} is not known{did_you_mean(venue, venues)}", missing=True
        )
    known = _symbols(database, found)
    name = known_name(symbol, known)
    if name is None:
        advice = did_you_mean(symbol, known) or f": alphapulse symbols add {found} {symbol}"
        raise RefusedError(parameter, f"symbol {symbol!r} is not known at {found}{advice}", missing=True)
    return found, name


def _symbols(database: Database, venue: str | None) -> list[str]:
    return [row["symbol"] for row in database.rows(statement("instruments/symbols"), {"venue": venue})]
